"""Hugging Face beside the benchmark task-quality: pairs of texts (GLUE's RTE), by the recipe of hf_sst2.py --mode best; accuracy after each epoch.
--model FOLDER --data FOLDER (train.tsv and dev.tsv: index, sentence1, sentence2, label) [--epochs 3 --lr 2e-5 --batch 32 --seed 42]"""
import argparse, json, random, torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, get_linear_schedule_with_warmup
p = argparse.ArgumentParser()
p.add_argument("--model", required=True)
p.add_argument("--data", required=True)
p.add_argument("--epochs", type=int, default=3)
p.add_argument("--lr", type=float, default=2e-5)
p.add_argument("--batch", type=int, default=32)
p.add_argument("--seed", type=int, default=42)
a = p.parse_args()
torch.manual_seed(a.seed)
torch.set_num_threads(2)
tok = AutoTokenizer.from_pretrained(a.model)
model = AutoModelForSequenceClassification.from_pretrained(a.model, num_labels=2, dtype=torch.float32)

def read(part):
    lines = [line.rstrip("\n").split("\t") for line in open(f"{a.data}/{part}.tsv", encoding="utf-8")][1:]
    encoded = tok([l[1] for l in lines], [l[2] for l in lines], truncation=True, max_length=128)
    return [dict(input_ids=i, token_type_ids=t, label=int(l[3] == "not_entailment")) for i, t, l in zip(encoded["input_ids"], encoded["token_type_ids"], lines)]

train, dev = read("train"), read("dev")

def batch(rows):
    n = max(len(r["input_ids"]) for r in rows)
    pad = lambda k: torch.tensor([r[k] + [0] * (n - len(r[k])) for r in rows])
    mask = torch.tensor([[1] * len(r["input_ids"]) + [0] * (n - len(r["input_ids"])) for r in rows])
    return dict(input_ids=pad("input_ids"), token_type_ids=pad("token_type_ids"), attention_mask=mask, labels=torch.tensor([r["label"] for r in rows]))

nd = ("bias", "LayerNorm.weight")
named = list(model.named_parameters())
groups = [{"params": [q for n, q in named if not n.endswith(nd)], "weight_decay": 0.01}, {"params": [q for n, q in named if n.endswith(nd)], "weight_decay": 0.0}]
optimizer = torch.optim.AdamW(groups, lr=a.lr, fused=True)
steps = -(-len(train) // a.batch) * a.epochs
schedule = get_linear_schedule_with_warmup(optimizer, steps // 10, steps)
for epoch in range(a.epochs):
    model.train()
    order = list(range(len(train))); random.Random(a.seed + epoch).shuffle(order)
    mega = a.batch * 50
    order = [i for k in range(0, len(order), mega) for i in sorted(order[k:k + mega], key=lambda i: -len(train[i]["input_ids"]))]
    total = 0
    for i in range(0, len(order), a.batch):
        loss = model(**batch([train[j] for j in order[i:i + a.batch]])).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step(); schedule.step(); optimizer.zero_grad(); total += loss.item()
    model.eval(); right = 0
    with torch.no_grad():
        for i in range(0, len(dev), 64):
            b = batch(dev[i:i + 64]); right += (model(**b).logits.argmax(-1) == b["labels"]).sum().item()
    print(json.dumps(dict(epoch=epoch + 1, train_loss=total / (steps / a.epochs), dev_acc=right / len(dev))), flush=True)
