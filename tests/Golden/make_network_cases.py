"""Writes tests/Golden/networks: a tiny random model of each architecture and what Hugging Face transformers computes of it.

Needs Python with torch, transformers and safetensors; the tests need none of them. Arguments: the architectures to write; none: all.
Each folder has
  config.json, model.safetensors    the model, float32
  case.safetensors                  in.*, labels.*: a batch with padding; out.*: logits, loss, hidden states, attentions; grad.*: the gradients of the loss
  train.json, train_batches.safetensors, trained.safetensors   (language models) five AdamW steps: rate, loss and gradient norm of each, and the weights after them
The figures are computed in double precision from the float32 weights and stored as float32, so that they have no rounding of their own. Dropout is 0.
"""

import json
import os
import sys

import torch
import transformers
from safetensors.torch import save_file

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "networks")
VOCABULARY, WIDTH, INNER, POSITIONS = 64, 16, 24, 24
COMMON = dict(vocab_size=VOCABULARY, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=2)
BERT = dict(
    **COMMON,
    intermediate_size=INNER,
    max_position_embeddings=POSITIONS,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
)
ARCHITECTURES = {
    "bert": ("Bert", BERT),
    "distilbert": (
        "DistilBert",
        dict(
            vocab_size=VOCABULARY, dim=WIDTH, hidden_dim=INNER, n_layers=2, n_heads=2, max_position_embeddings=POSITIONS,
            dropout=0.0, attention_dropout=0.0, seq_classif_dropout=0.0,
        ),
    ),
    "roberta": ("Roberta", dict(**BERT, type_vocab_size=1, pad_token_id=1)),
    "xlm-roberta": ("XLMRoberta", dict(**BERT, type_vocab_size=1, pad_token_id=1)),
    "albert": ("Albert", dict(**BERT, embedding_size=8, classifier_dropout_prob=0.0)),
    "electra": ("Electra", dict(**BERT, embedding_size=8, summary_last_dropout=0.0)),
    "mpnet": ("MPNet", dict(**BERT, pad_token_id=1)),
    "deberta-v2": (
        "DebertaV2",
        dict(
            **BERT, type_vocab_size=0, relative_attention=True, position_buckets=4, norm_rel_ebd="layer_norm", share_att_key=True,
            pos_att_type=["p2c", "c2p"], position_biased_input=False, pooler_dropout=0.0, pooler_hidden_size=WIDTH,
        ),
    ),
    "modernbert": (
        "ModernBert",
        dict(
            vocab_size=VOCABULARY, hidden_size=WIDTH, num_hidden_layers=3, num_attention_heads=2, intermediate_size=INNER, max_position_embeddings=POSITIONS,
            global_attn_every_n_layers=2, local_attention=8, pad_token_id=1, bos_token_id=2, eos_token_id=3, cls_token_id=2, sep_token_id=3,
        ),
    ),
    "gpt2": (
        "GPT2",
        dict(
            vocab_size=VOCABULARY, n_embd=WIDTH, n_inner=INNER, n_layer=2, n_head=2, n_positions=POSITIONS, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
            bos_token_id=0, eos_token_id=0,
        ),
    ),
    # As the published checkpoints of version 2: their first layer has a convolution beside it.
    "deberta-v2-convolution": (
        "DebertaV2",
        dict(
            **BERT, type_vocab_size=0, relative_attention=True, position_buckets=4, norm_rel_ebd="layer_norm", share_att_key=True,
            pos_att_type=["p2c", "c2p"], position_biased_input=False, pooler_dropout=0.0, pooler_hidden_size=WIDTH, conv_kernel_size=3, conv_act="gelu",
        ),
    ),
    # Each token sees only itself and those before it. RoBERTa and XLM-RoBERTa have BERT's layers.
    "bert-decoder": ("Bert", dict(**BERT, is_decoder=True)),
    "electra-decoder": ("Electra", dict(**BERT, embedding_size=8, summary_last_dropout=0.0, is_decoder=True)),
}
# Networks without layers: embeddings and a head. transformers computes no such DeBERTa-v2 or ModernBERT; RoBERTa and XLM-RoBERTa have BERT's embeddings,
# and positions as MPNet.
for name in ["bert", "distilbert", "albert", "electra", "mpnet", "gpt2"]:
    prefix, fields = ARCHITECTURES[name]
    layers = dict.fromkeys(fields.keys() & {"num_hidden_layers", "n_layer", "n_layers"}, 0)
    ARCHITECTURES[name + "-no-layers"] = (prefix, fields | layers)
# A group of several layers, each of which has a hidden state and attentions of its own.
ARCHITECTURES["albert-groups"] = ("Albert", dict(**BERT, embedding_size=8, classifier_dropout_prob=0.0, inner_group_num=2))
# With torch's own epsilon, 1e-8, AdamW turns the rounding of gradients that are nearly zero into steps.
STEPS, WARM_UP, RATE, DECAY, EPSILON = 5, 2, 2e-3, 0.01, 1e-6


def batch(architecture, config, lengths, head):
    """Rows of random tokens, padded; the second part of a row is of type 1 where there are types."""
    pad = config.pad_token_id or 0
    longest = max(lengths)
    ids = torch.full((len(lengths), longest), pad, dtype=torch.int64)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    types = torch.zeros_like(ids)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(5, VOCABULARY, (length,))
        mask[row, :length] = 1
        types[row, length // 2 : length] = 1
        if architecture.startswith("gpt2"):
            labels[row, :length] = ids[row, :length]
        else:
            chosen = torch.rand(length) < 0.4
            chosen[1] = True
            labels[row, :length][chosen] = torch.randint(5, VOCABULARY, (length,))[chosen]
    inputs = dict(input_ids=ids, attention_mask=mask)
    if getattr(config, "type_vocab_size", 0) == 2:
        inputs["token_type_ids"] = types
    return inputs, labels if head == "lm" else torch.randint(0, config.num_labels, (len(lengths),))


def create(name, head):
    prefix, fields = ARCHITECTURES[name]
    config = getattr(transformers, prefix + "Config")(**fields)
    if head == "seqcls":
        config.num_labels = 3
        if name.startswith("gpt2"):
            config.pad_token_id = 0
    config._attn_implementation = "eager"
    kind = ("LMHeadModel" if name.startswith("gpt2") else "ForMaskedLM") if head == "lm" else "ForSequenceClassification"
    model = getattr(transformers, prefix + kind)(config).eval()
    with torch.no_grad():
        for parameter_name, parameter in model.named_parameters():
            noise = torch.randn_like(parameter)
            if "norm" in parameter_name.lower() or ".ln_" in parameter_name:
                parameter.copy_((1 if parameter_name.endswith("weight") else 0) + 0.1 * noise)
            else:
                parameter.copy_((0.1 if parameter_name.endswith("bias") else 0.3) * noise)
    return config, model


def single(tensor):
    # A query that sees no key at all, such as padding beyond ModernBERT's window, would give NaN.
    assert torch.isfinite(tensor).all()
    return tensor.detach().to(torch.float32).contiguous().clone()


def named(model):
    """Parameters by name; tied ones once, by the name of the embedding."""
    first = {}
    for name, parameter in sorted(model.named_parameters(remove_duplicate=False), key=lambda pair: "embeddings" not in pair[0]):
        first.setdefault(id(parameter), (name, parameter))
    return dict(first.values())


def write_case(folder, model, inputs, labels):
    out = model(**inputs, labels=labels, output_hidden_states=True, output_attentions=True)
    out.loss.backward()
    tensors = {"in." + name: value for name, value in inputs.items()} | {"labels.labels": labels}
    tensors |= {"out.logits": single(out.logits), "out.loss": single(out.loss)}
    tensors |= {f"out.hidden.{i}": single(value) for i, value in enumerate(out.hidden_states)}
    tensors |= {f"out.attention.{i + 1}": single(value) for i, value in enumerate(out.attentions)}
    tensors |= {"grad." + name: single(p.grad) for name, p in named(model).items() if p.grad is not None}
    save_file(tensors, os.path.join(folder, "case.safetensors"))
    model.zero_grad()


def write_training(folder, name, config, model):
    decayed = [p for n, p in named(model).items() if p.dim() > 1]
    plain = [p for n, p in named(model).items() if p.dim() <= 1]
    optimizer = torch.optim.AdamW([dict(params=decayed, weight_decay=DECAY), dict(params=plain, weight_decay=0.0)], lr=RATE, eps=EPSILON)
    batches, steps, number = {}, [], 0
    for step in range(STEPS):
        rate = RATE * (step + 1) / WARM_UP if step < WARM_UP else RATE * (STEPS - step) / (STEPS - WARM_UP)
        lengths = [[9, 6], [7, 8]] if step < 2 else [[9, 5, 8]]
        parts = [batch(name, config, lens, "lm") for lens in lengths]
        count = sum(int((labels[:, 1:] if name.startswith("gpt2") else labels).ne(-100).sum()) for _, labels in parts)
        loss = 0.0
        for inputs, labels in parts:
            for key, value in (inputs | {"labels": labels}).items():
                batches[f"batch{number}.{key}"] = value
            number += 1
            own = int((labels[:, 1:] if name.startswith("gpt2") else labels).ne(-100).sum())
            part = model(**inputs, labels=labels).loss * own / count
            part.backward()
            loss += part.item()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item()
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        optimizer.zero_grad()
        steps.append(dict(lr=rate, loss=loss, grad_norm=norm, micro_batches=len(parts)))
    json.dump(dict(epsilon=EPSILON, steps=steps), open(os.path.join(folder, "train.json"), "w"), indent=1)
    save_file(batches, os.path.join(folder, "train_batches.safetensors"))
    save_file({n: single(p) for n, p in named(model).items()}, os.path.join(folder, "trained.safetensors"))


def main():
    for seed, (name, head) in enumerate((name, head) for name in ARCHITECTURES for head in ("lm", "seqcls")):
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        torch.manual_seed(seed)
        folder = os.path.join(HERE, f"{name}-{head}")
        os.makedirs(folder, exist_ok=True)
        config, model = create(name, head)
        model.save_pretrained(folder)
        if os.path.exists(os.path.join(folder, "generation_config.json")):
            os.remove(os.path.join(folder, "generation_config.json"))
        model.double()
        inputs, labels = batch(name, config, [9, 5, 7], head)
        write_case(folder, model, inputs, labels)
        if head == "lm":
            write_training(folder, name, config, model)
        print(folder, sum(os.path.getsize(os.path.join(folder, file)) for file in os.listdir(folder)))


if __name__ == "__main__":
    print("torch", torch.__version__, "transformers", transformers.__version__, file=sys.stderr)
    main()
