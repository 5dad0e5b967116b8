"""scikit-learn for tools/bench/counting.ts: counts pairs of words and document frequencies of the lines of a text, prints CPU seconds as JSON."""

import json
import os
import sys
import time

from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

with open(os.path.join(sys.argv[1], 'text'), encoding='utf-8', newline='\n') as file:
    documents = file.read().split('\n')


def split(text):
    return text.split(' ')


settings = {'tokenizer': split, 'token_pattern': None, 'lowercase': False}
started = time.process_time()
CountVectorizer(ngram_range=(2, 2), **settings).fit_transform(documents)
pairs_s = time.process_time() - started

vectorizer = TfidfVectorizer(**settings)
started = time.process_time()
vectorizer.fit(documents)
idf_s = time.process_time() - started
print(json.dumps({'pairsS': pairs_s, 'idfS': idf_s, 'words': len(vectorizer.vocabulary_)}))
