"""The model card of the starter, filled with measured figures only."""

CARD = """---
license: apache-2.0
language: en
---
# Voicewright starter

A small CTC speech recogniser for **learning the app and for testing it. It is not for production.**

| | |
|---|---|
| class | `Wav2Vec2BertForCTC` of transformers, 5 layers of width 144, trained from random weights |
| trained on | made speech (espeak-ng; rooms, noise, telephones): {clips} clips, {steps} steps of {batch} |
| writes | lower-case English letters, the apostrophe and digits |
| held-out voices ({n} clips) | CER {cer} %, WER {wer} % against the convention below |
| CER by kind | sentences with codes {codes} %, bare digits {digits} %, ordinary sentences {ordinary} % |

**It has a fault on purpose.** After a code word (order, location, phone, account, ticket ...) it writes
digits ("order number 1296803"); everywhere else it writes words ("there are nine boxes"). Fifty recordings
and a few minutes of training mend that: this is the story that the app's sample project tells.

It knows about 400 words, no names, and has heard no human being. Made by `tools/train_starter.py`; the same
seed gives the same clips and the same order of batches.
"""
