using System.Text;
using System.Text.Json.Nodes;
using BertMl.Tokenization.Decoders;
using BertMl.Tokenization.Models;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PostProcessors;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Fuzz;

/// <summary>tokenizer.json with each section in all its forms.</summary>
internal static class TokenizerSeeds
{
    private static readonly string[] _postProcessors =
    [
        """null""",
        """{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]}""",
        """{"type":"RobertaProcessing","sep":["[SEP]",3],"cls":["[CLS]",2],"trim_offsets":true,"add_prefix_space":false}""",
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,"use_regex":true}""",
        """
            {"type":"Sequence","processors":[{"type":"ByteLevel","trim_offsets":true},{"type":"BertProcessing","sep":["[SEP]",3],
            "cls":["[CLS]",2]}]}
            """,
        """
            {"type":"Sequence","processors":[{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]},{"type":"TemplateProcessing",
            "single":[{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"B","type_id":0}},{"Sequence":{"id":"A","type_id":1}}],
            "special_tokens":{}},{"type":"RobertaProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]}]}
            """,
        """
            {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
            "pair":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
            "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},"[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}}
            """,
        """
            {"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"A","type_id":1}}],
            "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}},{"Sequence":{"id":"A","type_id":1}}],"special_tokens":{}}
            """,
    ];

    private static readonly string[] _normalizers =
    [
        """null""",
        """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}""",
        """{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"Lowercase"},{"type":"StripAccents"}]}""",
        """{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Strip","strip_left":true,"strip_right":false},{"type":"Nmt"}]}""",
        """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"a"},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]}""",
        """
            {"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"NFKD"},{"type":"Replace","pattern":{"String":"``"},"content":"\""},
            {"type":"ByteLevel"}]}
            """,
    ];

    private static readonly string[] _preTokenizers =
    [
        """null""",
        """{"type":"BertPreTokenizer"}""",
        """
            {"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Punctuation","behavior":"Isolated"},{"type":"Digits",
            "individual_digits":true}]}
            """,
        """{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}""",
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""",
        """{"type":"Metaspace","replacement":"_","prepend_scheme":"always","split":true}""",
        """{"type":"Sequence","pretokenizers":[{"type":"CharDelimiterSplit","delimiter":"_"},{"type":"Whitespace"}]}""",
        """{"type":"Split","pattern":{"Regex":"(?i:'s|'t)|\\p{L}+|\\p{N}{1,3}|\\s+(?!\\S)"},"behavior":"Isolated","invert":true}""",
    ];

    private static readonly string[] _models =
    [
        """
            {"type":"BPE","dropout":null,"unk_token":"[UNK]","continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":false,
            "byte_fallback":false,"vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,"a":5,"b":6,"ab":7},"merges":["a b"]}
            """,
        """
            {"type":"Unigram","unk_id":1,"byte_fallback":false,"vocab":[["[PAD]",0],["[UNK]",0],["[CLS]",0],["[SEP]",0],["[MASK]",0],["a",-1],
            ["b",-2.5],["ab",-3]]}
            """,
        """{"type":"WordLevel","unk_token":"[UNK]","vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,"cat":5}}""",
        """
            {"unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,
            "[SEP]":3,"[MASK]":4,"cat":5}}
            """,
        """
            {"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"[PAD]":0,
            "[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,"cat":5,"##s":9}}
            """,
        """
            {"type":"BPE","dropout":null,"unk_token":"[UNK]","continuing_subword_prefix":"##","end_of_word_suffix":"</w>","fuse_unk":true,
            "byte_fallback":true,"ignore_merges":true,"vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,"a":5,"##b":6,"ab":7,
            "<0x0A>":8,"b</w>":9},"merges":[["a","##b"]]}
            """,
    ];

    private static readonly string[] _decoders =
    [
        """null""",
        """{"type":"WordPiece","prefix":"##","cleanup":true}""",
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""",
        """{"type":"Metaspace","replacement":"_","prepend_scheme":"first","split":true}""",
        """{"type":"BPEDecoder","suffix":"</w>"}""",
        """
            {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"_"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},
            {"type":"Strip","content":" ","start":1,"stop":0}]}
            """,
        """{"type":"Replace","pattern":{"Regex":"[a-c]+"},"content":"abc"}""",
    ];

    private static readonly string[] _addedTokens =
    [
        """[]""",
        """
            [{"id":4,"content":"[MASK]","single_word":false,"lstrip":true,"rstrip":true,"normalized":false,"special":true},
            {"id":13,"content":"New Token","single_word":true,"lstrip":false,"rstrip":false,"normalized":true,"special":false}]
            """,
    ];

    /// <summary>Each kind of section: its values, and the types that a reader has.</summary>
    public static IEnumerable<(string Section, IReadOnlyList<string> Values, IEnumerable<string> Types)> Sections =>
        [
            ("post_processor", _postProcessors, PostProcessorReader.Types),
            ("normalizer", [.. _normalizers, Precompiled], NormalizerReader.Types),
            ("pre_tokenizer", _preTokenizers, PreTokenizerReader.Types),
            ("model", _models, ModelReader.Types),
            ("decoder", _decoders, DecoderReader.Types),
            ("added_tokens", _addedTokens, []),
            ("truncation", ["""{"direction":"Right","max_length":8,"strategy":"LongestFirst","stride":2}"""], []),
            ("padding", ["""{"strategy":{"Fixed":8},"direction":"Left","pad_to_multiple_of":null,"pad_id":0,"pad_type_id":0,"pad_token":"[PAD]"}"""], []),
        ];

    private static string Precompiled => $$"""{"type":"Precompiled","precompiled_charsmap":"{{Convert.ToBase64String(Charsmap)}}"}""";

    private static byte[] Charsmap => CharsmapBuilder.Build([new("\uFB01", "fi"), new("e\u0301", "\u00E9")]);

    /// <summary>A file, and that file with each of the sections in its place.</summary>
    public static List<byte[]> Of(byte[] file)
    {
        return [file, .. Sections.SelectMany(section => With(section.Section, section.Values))];

        IEnumerable<byte[]> With(string section, IEnumerable<string> values)
        {
            foreach (var value in values)
            {
                var json = JsonNode.Parse(file)!;
                json[section] = JsonNode.Parse(value);
                yield return Encoding.UTF8.GetBytes(json.ToJsonString());
            }
        }
    }
}
