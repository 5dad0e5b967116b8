"""What Hugging Face transformers makes of model folders: reads {"folders", "texts", "ids", "messages"} as JSON from stdin, writes a list, one for each folder."""

import json
import sys

import torch
from transformers import AutoConfig, AutoTokenizer, GenerationConfig, LlamaForCausalLM, PreTrainedTokenizerFast

asked = json.load(sys.stdin)
said = []
for folder in asked['folders']:
    model, loading = LlamaForCausalLM.from_pretrained(folder, output_loading_info=True)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    plain = PreTrainedTokenizerFast(tokenizer_file=f'{folder}/tokenizer.json', split_special_tokens=True)
    generation = GenerationConfig.from_pretrained(folder)
    with torch.no_grad():
        logits = model.eval()(torch.tensor([asked['ids']])).logits[0]
    ids = [tokenizer(text)['input_ids'] for text in asked['texts']]
    chat = tokenizer.apply_chat_template(asked['messages'], add_generation_prompt=True, tokenize=False)
    said.append({
        'odd': [str(key) for kind in ('missing_keys', 'unexpected_keys', 'mismatched_keys') for key in loading[kind]],
        'type': AutoConfig.from_pretrained(folder).model_type,
        'logits': logits.tolist(),
        'ids': [plain(text)['input_ids'] for text in asked['texts']],
        'idsWithSpecials': ids,
        'decoded': [tokenizer.decode(one) for one in ids],
        'chat': tokenizer(chat, add_special_tokens=False)['input_ids'],
        'tokens': [tokenizer.bos_token_id, tokenizer.pad_token_id, tokenizer.eos_token_id],
        'generation': [generation.do_sample, generation.temperature, generation.top_k, generation.top_p, generation.repetition_penalty, generation.eos_token_id],
    })  # fmt: skip
json.dump(said, sys.stdout)
