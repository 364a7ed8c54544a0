"""Writes tests/Transforms.Tests/Tokenization/Data/spaces.json: what Hugging Face tokenizers makes of white space around tokens, and of empty matches.

Needs Python with tokenizers (0.23.3); the tests need neither. No arguments. The cases are as those of make_post_processor_cases.py; offsets are in UTF-16.
"""

import json
import os

from tokenizers import Tokenizer

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Transforms.Tests", "Tokenization", "Data", "spaces.json")
SPECIAL = ["<unk>", "<s>", "</s>"]
SMILE = "\u00f0\u0141\u013a\u0122"  # The bytes of U+1F600.
WORDS = ["the", "cat", "x", "1", "12", "-", "-the", "cat-", "\u0120", "\u010a", "\u0120the", "\u0120cat", SMILE, "\u0120" + SMILE, SMILE + "\u0120\u0120"]
VOCABULARY = {token: id for id, token in enumerate([*SPECIAL, *WORDS])}
WORD_LEVEL = {"type": "WordLevel", "vocab": VOCABULARY, "unk_token": "<unk>"}
UNIGRAM = {"type": "Unigram", "unk_id": 0, "byte_fallback": False, "vocab": [[token, -1.0] for token in ["<unk>", "<s>", "</s>", "\u2581", "the", "cat"]]}
SPLIT = {"type": "WhitespaceSplit"}


def added(content, flags="", normalized=False):
    """Flags: l and r for lstrip and rstrip, w for single_word."""
    known = VOCABULARY.get(content)
    return {
        "id": len(VOCABULARY) if known is None else known, "content": content, "single_word": "w" in flags, "lstrip": "l" in flags, "rstrip": "r" in flags,
        "normalized": normalized, "special": False,
    }


def byte_level(add_prefix_space, use_regex=True):
    return {"type": "ByteLevel", "add_prefix_space": add_prefix_space, "trim_offsets": True, "use_regex": use_regex}


def roberta(add_prefix_space=False):
    return {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 1], "trim_offsets": True, "add_prefix_space": add_prefix_space}


def regex(pattern):
    return {"Regex": pattern}


def replace(pattern, content="-"):
    return {"type": "Replace", "pattern": pattern, "content": content}


def split(pattern, behavior="Isolated", invert=False):
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


MASKED = ["the <mask> cat", " <mask>", "<mask>  \U0001F600 <mask> the", "\U0001F600  <mask>  \U0001F600", ["the", " <mask> ", "\U0001F600 <mask>"]]
SMILES = ["\U0001F600 the", "\U0001F600  the\U0001F600  ", " \U0001F600", ["\U0001F600  ", "\U0001F600 the"]]
BREAKS = ["the <m>\ncat <m>  cat", "the\n<m> cat  <m> cat", "<m>\n \n x", "x \n<m> \n\n  cat", "<m> <m>\n<m>"]
DIGITS = ["the12cat", "12", "", "1the\U0001F600x12", "cat\nx\n"]
BOUNDARY = regex("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)")
# Name, normalizer, pre-tokenizer, model, post-processor, added tokens without ids, texts.
CASES = [
    *(
        (f"mask {flags} {normalized} {prefix}", None, byte_level(prefix), WORD_LEVEL, processor, [added("<mask>", flags, normalized)], MASKED)
        for flags, normalized, prefix, processor in (
            ("l", False, False, roberta()),
            ("lr", False, True, roberta(True)),
            ("r", False, True, byte_level(True)),
            ("lr", True, False, {"type": "Sequence", "processors": [byte_level(False), roberta()]}),
        )
    ),
    ("smiles", None, byte_level(True, False), WORD_LEVEL, roberta(), [], SMILES),
    ("smiles, prefix", None, byte_level(True), WORD_LEVEL, roberta(True), [], SMILES),
    ("unknown text", {"type": "Prepend", "prepend": " "}, None, UNIGRAM, roberta(), [], ["  the cat ", "cat\U0001F600  the", "\U0001F600 "]),
    (
        "unknown words", None, {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}, UNIGRAM, byte_level(False), [],
        ["the \tdog", "cat\t\U0001F600\t", "\t"],
    ),
    *(
        (f"breaks {first} {second}", None, SPLIT, WORD_LEVEL, None, [added("<m>", first, normalized), added("\n", second), added("  ", "", normalized)], BREAKS)
        for first, second, normalized in (("r", "", False), ("l", "", False), ("r", "r", False), ("lr", "", True), ("l", "l", False))
    ),
    *(
        (f"replace {pattern}", replace(pattern), SPLIT, WORD_LEVEL, None, [], ["the cat", *DIGITS])
        for pattern in (regex("^"), regex("$"), regex("\\s*"), regex("1*"), regex("x*?|$"), regex("\\A|\\z"), BOUNDARY, {"String": ""})
    ),
    ("strip, replace", {"type": "Sequence", "normalizers": [{"type": "Strip", "strip_left": True, "strip_right": True}, replace(regex("^"))]}, SPLIT, WORD_LEVEL,
     None, [added("<m>")], ["  the <m>  cat"]),
    *(
        (f"split {pattern} {behavior} {invert}", None, split(pattern, behavior, invert), WORD_LEVEL, None, [], DIGITS)
        for pattern in (BOUNDARY, regex("1*"))
        for behavior in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
        for invert in (False, True)
    ),
]


def tokenizer_json(normalizer, pre_tokenizer, model, processor, tokens):
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [{**token, "id": token["id"] + i} for i, token in enumerate(tokens)],
        "normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "post_processor": processor, "decoder": None, "model": model,
    }


def row(tokenizer, text):
    words = isinstance(text, list)
    encoding = tokenizer.encode(text, is_pretokenized=words)
    offsets = []
    for (start, end), word, sequence in zip(encoding.offsets, encoding.word_ids, encoding.sequence_ids):
        of = text if not words else "" if word is None else text[word]
        offsets.append([len(of[:at].encode("utf-16-le")) // 2 for at in (start, end)])
    out = {
        "ids": encoding.ids, "types": encoding.type_ids, "special": encoding.special_tokens_mask, "words": encoding.word_ids,
        "sequences": encoding.sequence_ids, "offsets": offsets, "overflow": [],
    }
    return {"text": text, "pair": None, "words": words, "special": True, "max": None, "stride": 0, "strategy": "longest_first", "left": False, "out": out}


def main():
    cases = []
    for name, *sections, texts in CASES:
        tokenizer = tokenizer_json(*sections)
        rows = []
        for text in texts:
            try:
                rows.append(row(Tokenizer.from_str(json.dumps(tokenizer)), text))
            except BaseException as error:
                print(name, repr(text), type(error).__name__, error)
        cases.append({"name": name, "tokenizer": tokenizer, "rows": rows})
    with open(PATH, "w", encoding="utf-8") as file:
        lines = (json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
        file.write("[\n" + ",\n".join(lines) + "\n]\n")


main()
