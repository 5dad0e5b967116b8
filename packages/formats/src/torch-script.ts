/** What exportTorch writes beside the model and the texts: the script that torchrun runs, and settings for DeepSpeed. */

export const TRAIN_PY = `"""Trains the model in model/ further on train.jsonl and writes the result, a folder of the same form, to out/.

    pip install torch transformers accelerate
    torchrun --nproc_per_node 2 train.py --steps 100

Without a GPU it runs on the CPU (gloo); with GPUs in bfloat16 where they have it. Over several machines: torchrun --nnodes (see its help).
DeepSpeed: pip install deepspeed, then add --deepspeed deepspeed.json. Stopped? The same command with --resume goes on from the last checkpoint.
"""

import argparse
import json
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments

HERE = Path(__file__).resolve().parent


class Blocks(torch.utils.data.Dataset):
    """All texts in a row, each with the end token behind it, cut into blocks of equal length; the model shifts the labels itself."""

    def __init__(self, file: Path, tokenizer, length: int):
        ids = []
        with open(file, encoding='utf-8') as lines:
            for line in lines:
                ids += tokenizer(json.loads(line)['text'], add_special_tokens=False, split_special_tokens=True)['input_ids']
                ids.append(tokenizer.eos_token_id)
        count = len(ids) // length
        if count == 0:
            raise SystemExit(f'train.py: expected at least {length} tokens (--block), got {len(ids)} in {file}')
        self.blocks = torch.tensor(ids[: count * length]).view(count, length)

    def __len__(self):
        return len(self.blocks)

    def __getitem__(self, index):
        return {'input_ids': self.blocks[index], 'labels': self.blocks[index]}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('--steps', type=int, default=100)
    parser.add_argument('--batch', type=int, default=8, help='blocks of one process in one step')
    parser.add_argument('--accumulate', type=int, default=1)
    parser.add_argument('--block', type=int, default=0, help='tokens of a block; 0: as many as the model has places')
    parser.add_argument('--lr', type=float, default=3e-4)
    parser.add_argument('--seed', type=int, default=42)
    parser.add_argument('--save-every', type=int, default=500)
    parser.add_argument('--out', default=str(HERE / 'out'))
    parser.add_argument('--deepspeed')
    parser.add_argument('--resume', action='store_true')
    args = parser.parse_args()

    cuda = torch.cuda.is_available()
    training = TrainingArguments(
        output_dir=f'{args.out}-checkpoints',
        max_steps=args.steps,
        per_device_train_batch_size=args.batch,
        gradient_accumulation_steps=args.accumulate,
        learning_rate=args.lr,
        lr_scheduler_type='cosine',
        warmup_steps=max(1, args.steps // 20),
        weight_decay=0.1,
        adam_beta2=0.95,
        max_grad_norm=1.0,
        bf16=cuda and torch.cuda.is_bf16_supported(),
        use_cpu=not cuda,
        ddp_find_unused_parameters=False,
        seed=args.seed,
        save_steps=args.save_every,
        save_total_limit=2,
        logging_steps=10,
        report_to='none',
        deepspeed=args.deepspeed,
    )
    tokenizer = AutoTokenizer.from_pretrained(HERE / 'model')
    model = AutoModelForCausalLM.from_pretrained(HERE / 'model', dtype=torch.float32)
    blocks = Blocks(HERE / 'train.jsonl', tokenizer, args.block or model.config.max_position_embeddings)
    trainer = Trainer(model=model, args=training, train_dataset=blocks, processing_class=tokenizer)
    trainer.train(resume_from_checkpoint=args.resume or None)
    trainer.save_model(args.out)


if __name__ == '__main__':
    main()
`;

/** ZeRO stage 2: optimizer states and gradients are shared out, weights are not. 'auto' takes the value of train.py's arguments. */
export const DEEPSPEED_JSON = {
  zero_optimization: { stage: 2, overlap_comm: true, contiguous_gradients: true },
  bf16: { enabled: 'auto' },
  gradient_clipping: 'auto',
  gradient_accumulation_steps: 'auto',
  train_micro_batch_size_per_gpu: 'auto',
  train_batch_size: 'auto',
};
