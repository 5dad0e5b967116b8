"""Hugging Face tokenizers for tools/bench/bpe.ts: trains and encodes the text of a folder on one thread, prints CPU seconds as JSON."""

import json
import os
import re
import sys
import time

os.environ['TOKENIZERS_PARALLELISM'] = 'false'
from tokenizers import Tokenizer, models, pre_tokenizers, trainers  # noqa: E402  (the setting comes first)

folder, vocab, *special = sys.argv[1:]
with open(os.path.join(folder, 'text'), encoding='utf-8', newline='') as file:
    lines = re.findall(r'[^\n]*\n|[^\n]+$', file.read())

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
settings = {'vocab_size': int(vocab), 'min_frequency': 2, 'special_tokens': special, 'show_progress': False}
trainer = trainers.BpeTrainer(initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **settings)
started = time.process_time()
tokenizer.train_from_iterator(lines, trainer)
train_s = time.process_time() - started

started = time.process_time()
ids = sum(len(encoding.ids) for encoding in tokenizer.encode_batch_fast(lines))
encode_s = time.process_time() - started
merges = [list(pair) for pair in json.loads(tokenizer.to_str())['model']['merges']]
print(json.dumps({'trainS': train_s, 'encodeS': encode_s, 'merges': merges, 'ids': ids}))
