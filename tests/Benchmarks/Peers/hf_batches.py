"""Hugging Face beside the benchmarks ner-training and qa-training: learns from batches that BertMl made, rows of like length together.
--model FOLDER --batches FILE (a list of batches: rows and the model's inputs and labels, flat) --labels N (0: question answering) [--bf16]
The best that users can switch on: padding to the batch's longest row, fused AdamW, bfloat16 by autocast. Steps alone are timed, after three of warm-up."""
import argparse, json, time, torch
from transformers import AutoModelForQuestionAnswering, AutoModelForTokenClassification, get_linear_schedule_with_warmup
p = argparse.ArgumentParser()
p.add_argument("--model", required=True)
p.add_argument("--batches", required=True)
p.add_argument("--labels", type=int, default=0)
p.add_argument("--mode")
p.add_argument("--bf16", action="store_true")
a = p.parse_args()
torch.manual_seed(1)
torch.set_num_threads(2)
batches = []
for b in json.load(open(a.batches)):
    rows = b.pop("rows")[0]
    batches.append({k: torch.tensor(v).view(rows, -1) if len(v) > rows else torch.tensor(v) for k, v in b.items()})
if a.labels:
    model = AutoModelForTokenClassification.from_pretrained(a.model, num_labels=a.labels, dtype=torch.float32)
else:
    model = AutoModelForQuestionAnswering.from_pretrained(a.model, dtype=torch.float32)
nd = ("bias", "LayerNorm.weight")
named = list(model.named_parameters())
groups = [{"params": [q for n, q in named if not n.endswith(nd)], "weight_decay": 0.01}, {"params": [q for n, q in named if n.endswith(nd)], "weight_decay": 0.0}]
optimizer = torch.optim.AdamW(groups, lr=2e-5, fused=True)
schedule = get_linear_schedule_with_warmup(optimizer, 0, len(batches) + 3)
model.train()

def step(batch):
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.bf16):
        loss = model(**batch).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step(); schedule.step(); optimizer.zero_grad()
    return loss.item()

for b in batches[:3]:
    step(b)
start = time.perf_counter()
loss = sum(step(b) for b in batches) / len(batches)
seconds = time.perf_counter() - start
rows = sum(len(b["input_ids"]) for b in batches)
print(json.dumps(dict(bf16=a.bf16, steps=len(batches), loss=round(loss, 4), seconds=round(seconds, 2), rows_per_s=round(rows / seconds, 2))))
