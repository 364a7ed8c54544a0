"""Writes tests/Transforms.Tests/Tokenization/Data/post_processors.json: post-processors, and what Hugging Face tokenizers makes of a text and a pair by them.

Needs Python with tokenizers (0.23.3); the tests need neither. No arguments. Each case has
  name, tokenizer    a whole tokenizer.json, over a vocabulary of a few words
  rows               how it is encoded: text, pair, words (is it given as such?), special (are special tokens added?), max, stride, strategy, left (is the
                     beginning cut?); out: ids, types, special, words, sequences, offsets, and overflow, the further windows
tokenizers does not set the types of further windows as it does those of the first, and not all sequences; these are left out, and not compared.
"""

import json
import os

from tokenizers import Tokenizer

PATH = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "Transforms.Tests", "Tokenization", "Data", "post_processors.json"
)
SPECIAL = ["[UNK]", "[CLS]", "[SEP]", "<s>", "</s>"]
WORDS = ["the", "cat", "sat", "on", "a", "mat", "dog", "ran"]
VOCABULARY = {token: id for id, token in enumerate([*SPECIAL, *WORDS, *("\u0120" + word for word in WORDS), "."])}
TEXT, PAIR = "the cat sat on a mat.", "a dog ran"


def template(single, pair):
    """A template of texts (A, B) and special tokens, each with its type: "[CLS]:0 A:0 [SEP]:0"."""

    def piece(part):
        name, type_id = part.rsplit(":", 1)
        return {"Sequence" if name in "AB" else "SpecialToken": {"id": name, "type_id": int(type_id)}}

    return {
        "type": "TemplateProcessing",
        "single": [piece(part) for part in single.split()],
        "pair": [piece(part) for part in pair.split()],
        "special_tokens": {
            token: {"id": token, "ids": [VOCABULARY[token]], "tokens": [token]} for token in ("</s>", "<s>", "[CLS]", "[SEP]")
        },
    }


def roberta(trim_offsets):
    return {"type": "RobertaProcessing", "sep": ["</s>", 4], "cls": ["<s>", 3], "trim_offsets": trim_offsets, "add_prefix_space": False}


def byte_level(add_prefix_space):
    return {"type": "ByteLevel", "add_prefix_space": add_prefix_space, "trim_offsets": True, "use_regex": True}


def sequence(*processors):
    return {"type": "Sequence", "processors": list(processors)}


ONE = "[CLS]:0 A:0 [SEP]:0"
BERT = {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]}
BERT_TEMPLATE = template(ONE, "[CLS]:0 A:0 [SEP]:0 B:1 [SEP]:1")
SECOND_FIRST = template(ONE, "[CLS]:0 B:1 [SEP]:0 A:0 [SEP]:0")
CASES = {
    "b-first": SECOND_FIRST,
    "b-first, types 0 and 1": template(ONE, "[CLS]:0 B:0 [SEP]:0 A:1 [SEP]:1"),
    "a twice": template("[CLS]:0 A:0 [SEP]:0 A:1", "[CLS]:0 A:0 [SEP]:0 B:1 [SEP]:1 A:1"),
    "b-first, no special": template("A:0", "B:0 A:0"),
    "bert bert": sequence(BERT, BERT),
    "bert roberta": sequence(BERT, roberta(True)),
    "roberta bert": sequence(roberta(True), BERT),
    "roberta roberta": sequence(roberta(True), roberta(False)),
    "bert template": sequence(BERT, BERT_TEMPLATE),
    "roberta template b-first": sequence(roberta(False), SECOND_FIRST),
    "template bert": sequence(BERT_TEMPLATE, BERT),
    "template roberta": sequence(BERT_TEMPLATE, roberta(True)),
    "plain template, template": sequence(template("A:1", "B:0 A:1"), BERT_TEMPLATE),
    "template bytelevel": sequence(BERT_TEMPLATE, byte_level(False)),
    "bytelevel prefix, template b-first": sequence(byte_level(True), SECOND_FIRST),
    "bytelevel roberta": sequence(byte_level(False), roberta(True)),
    "bert bytelevel": sequence(BERT, byte_level(False)),
    "nested": sequence(sequence(byte_level(False), BERT), sequence(), BERT_TEMPLATE),
}
# Pair, are special tokens added, tokens of the texts at most, is the beginning cut.
ROWS = [
    (None, True, None, False),
    (PAIR, True, None, False),
    (None, False, None, False),
    (PAIR, False, None, False),
    ("", True, None, False),
    (PAIR, True, 7, False),
    (PAIR, True, 7, True),
]


def tokenizer_json(processor):
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": byte_level(False),
        "post_processor": processor,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": VOCABULARY, "unk_token": "[UNK]"},
    }


def details(encoding):
    return {
        "ids": encoding.ids,
        "types": encoding.type_ids,
        "special": encoding.special_tokens_mask,
        "words": encoding.word_ids,
        "sequences": encoding.sequence_ids,
        "offsets": encoding.offsets,
    }


def window(encoding, processor):
    kept = details(encoding)
    del kept["types"]
    if processor["type"] == "Sequence" and processor["processors"][-1]["type"] in ("TemplateProcessing", "ByteLevel"):
        del kept["sequences"]
    return kept


def row(tokenizer, processor, pair, special, kept, left):
    tokenizer.no_truncation()
    maximum, stride = None, 0
    if kept is not None:
        maximum, stride = kept + tokenizer.num_special_tokens_to_add(True), 1
        tokenizer.enable_truncation(maximum, stride=stride, direction="left" if left else "right")
    encoding = tokenizer.encode(TEXT, pair, add_special_tokens=special)
    out = {**details(encoding), "overflow": [window(overflow, processor) for overflow in encoding.overflowing]}
    return {
        "text": TEXT, "pair": pair, "words": False, "special": special, "max": maximum, "stride": stride, "strategy": "longest_first", "left": left, "out": out,
    }


def main():
    cases = []
    for name, processor in CASES.items():
        tokenizer = Tokenizer.from_str(json.dumps(tokenizer_json(processor)))
        cases.append({"name": name, "tokenizer": tokenizer_json(processor), "rows": [row(tokenizer, processor, *how) for how in ROWS]})
    with open(PATH, "w", encoding="utf-8") as file:
        lines = (json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
        file.write("[\n" + ",\n".join(lines) + "\n]\n")


main()
