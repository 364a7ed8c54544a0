"""Beside the benchmark ner-scoring: text to entities by Hugging Face's pipeline (its own tokenization, softmax and aggregation), the network on ONNX Runtime.
--model FOLDER --onnx FILE --texts FILE (a JSON list) [--batch N --threads N --repeat N]: rows a second of the best of several passes, texts sorted by length."""
import argparse, json, time
p = argparse.ArgumentParser()
p.add_argument("--model", required=True)
p.add_argument("--onnx", required=True)
p.add_argument("--texts", required=True)
p.add_argument("--batch", type=int, default=8)
p.add_argument("--threads", type=int, default=2)
p.add_argument("--repeat", type=int, default=3)
a = p.parse_args()
import numpy as np, onnxruntime as ort, torch
from transformers import AutoModelForTokenClassification, AutoTokenizer, TokenClassificationPipeline
options = ort.SessionOptions()
options.intra_op_num_threads = a.threads
session = ort.InferenceSession(a.onnx, options, providers=["CPUExecutionProvider"])
names = [i.name for i in session.get_inputs()]
torch.set_num_threads(a.threads)

class OnnxPipeline(TokenClassificationPipeline):
    # As its _forward, with ONNX Runtime in place of the torch model.
    def _forward(self, model_inputs):
        rest = {k: model_inputs.pop(k) for k in ("special_tokens_mask", "offset_mapping", "sentence", "is_last", "word_ids", "word_to_chars_map") if k in model_inputs}
        feed = {k: model_inputs[k].numpy() for k in names if k in model_inputs}
        for k in names:
            if k not in feed: feed[k] = np.zeros_like(feed["input_ids"])
        logits = torch.from_numpy(session.run(["logits"], feed)[0])
        return {"logits": logits, **rest, **model_inputs}

texts = sorted(json.load(open(a.texts, encoding="utf-8")), key=len)
model = AutoModelForTokenClassification.from_pretrained(a.model)
pipe = OnnxPipeline(model=model, tokenizer=AutoTokenizer.from_pretrained(a.model), aggregation_strategy="simple")
best = 1e9
for _ in range(a.repeat):
    start = time.perf_counter()
    found = pipe(texts, batch_size=a.batch)
    best = min(best, time.perf_counter() - start)
print(json.dumps(dict(batch=a.batch, rows=len(texts), seconds=round(best, 3), rows_per_s=round(len(texts) / best, 1), entities=sum(len(f) for f in found))))
