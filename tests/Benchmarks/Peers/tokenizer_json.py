"""tokenizers (Rust) beside the benchmark tokenizer-models.
--json tokenizer.json --text FILE                       encode the lines on one thread, print tokens a second (single calls and batch)
--learn bpe|unigram --size N --text FILE --test FILE    learn a vocabulary, print seconds and how many pieces the test text takes"""
import argparse, json, os, time
p = argparse.ArgumentParser()
for name in ("--json", "--text", "--test", "--learn"):
    p.add_argument(name)
p.add_argument("--size", type=int)
p.add_argument("--threads", type=int, default=1)
a = p.parse_args()
os.environ["RAYON_NUM_THREADS"] = str(a.threads)
os.environ["TOKENIZERS_PARALLELISM"] = "true" if a.threads > 1 else "false"
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

def lines(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read().removesuffix("\n").split("\n")

text = lines(a.text)
if a.json:
    t = Tokenizer.from_file(a.json)
    single = batch = 1e9
    for _ in range(5):
        s = time.perf_counter(); tokens = sum(len(t.encode(line, add_special_tokens=False).ids) for line in text); single = min(single, time.perf_counter() - s)
        s = time.perf_counter(); t.encode_batch_fast(text, add_special_tokens=False); batch = min(batch, time.perf_counter() - s)
    print(json.dumps(dict(tokens=tokens, single_tokens_per_s=tokens / single, batch_tokens_per_s=tokens / batch)))
else:
    if a.learn == "bpe":
        t = Tokenizer(models.BPE())
        t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        trainer = trainers.BpeTrainer(vocab_size=a.size, min_frequency=2, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
                                      initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    else:
        t = Tokenizer(models.Unigram())
        t.normalizer = normalizers.Sequence([normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()])
        t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
        trainer = trainers.UnigramTrainer(vocab_size=a.size, special_tokens=["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"], unk_token="<unk>", show_progress=False)
    s = time.perf_counter(); t.train_from_iterator(text, trainer); seconds = time.perf_counter() - s
    pieces = sum(len(e.ids) for e in t.encode_batch(lines(a.test), add_special_tokens=False))
    print(json.dumps(dict(seconds=seconds, pieces=pieces, size=t.get_vocab_size())))
