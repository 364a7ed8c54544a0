using System.Text;
using System.Text.Json.Nodes;

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
        """{"type":"Sequence","processors":[{"type":"ByteLevel","trim_offsets":true},{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]}]}""",
        """
            {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
            "pair":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
            "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},"[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}}
            """,
    ];

    private static readonly string[] _normalizers =
    [
        """null""",
        """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}""",
        """{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"Lowercase"},{"type":"StripAccents"}]}""",
        """{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Strip","strip_left":true,"strip_right":false},{"type":"Nmt"}]}""",
        """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"a"},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]}""",
        """{"type":"Precompiled","precompiled_charsmap":"AAAAAA=="}""",
        """{"type":"ByteLevel"}""",
    ];

    private static readonly string[] _preTokenizers =
    [
        """null""",
        """{"type":"BertPreTokenizer"}""",
        """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Punctuation","behavior":"Isolated"},{"type":"Digits","individual_digits":true}]}""",
        """{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}""",
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""",
        """{"type":"Metaspace","replacement":"_","prepend_scheme":"always","split":true}""",
    ];

    private static readonly string[] _models =
    [
        """{"type":"BPE","dropout":null,"unk_token":"[UNK]","continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,"a":5,"b":6,"ab":7},"merges":["a b"]}""",
        """{"type":"Unigram","unk_id":1,"byte_fallback":false,"vocab":[["[PAD]",0],["[UNK]",0],["[CLS]",0],["[SEP]",0],["[MASK]",0],["a",-1],["b",-2.5],["ab",-3]]}""",
        """{"type":"WordLevel","unk_token":"[UNK]","vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,"cat":5}}""",
        """{"unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,"cat":5}}""",
    ];

    /// <summary>A file, and that file with each of the sections in its place.</summary>
    public static List<byte[]> Of(byte[] file)
    {
        return
        [
            file,
            .. With("post_processor", _postProcessors),
            .. With("normalizer", _normalizers),
            .. With("pre_tokenizer", _preTokenizers),
            .. With("model", _models),
            .. With("truncation", ["""{"direction":"Right","max_length":8,"strategy":"LongestFirst","stride":2}"""]),
            .. With("padding", ["""{"strategy":{"Fixed":8},"direction":"Left","pad_to_multiple_of":null,"pad_id":0,"pad_type_id":0,"pad_token":"[PAD]"}"""]),
        ];

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
