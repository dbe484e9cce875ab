"""Families of models: what their names usually stand for. Data for the reader of names.

Each row: the usual task, the library that usually loads the family (-: several do; with a question mark: it has the
family, as others do), a weight, and words of names (regular expressions over lower case, where everything but letters
and digits is a space). The first row with a word of the name decides, so that what a family was made into (an editor,
an adapter, a part that sees) stands before the family itself. A number right behind a word is its version: qwen is also
qwen2 and qwen3.
"""

from __future__ import annotations

import re

_TABLE = r"""
image-to-image | diffusers | 0.6 | controlnet, control v1\w*, t2i adapter, ip adapter, instruct ?pix2pix
image-to-image | diffusers | 0.6 | \w* ?image edit(?:ing)?, flux(?: 1)?(?: dev)? (?:kontext|fill|redux|canny|depth)
image-to-image | - | 0.6 | (?:real ?)?esrgan\w*, swinir, swin2sr, gfpgan, codeformer, supir, inpaint(?:ing)?, nafnet
time-series-forecasting | - | 0.6 | lag llama, tiny time mixers?, ttm, chronos, timesfm, moirai, patchtst, informer
time-series-forecasting | - | 0.6 | time moe, autoformer, itransformer, patchtsmixer, timemixer, tirex, sundial
text-to-speech | - | 0.55 | f5 tts, e2 tts, mms tts, parler tts, speecht5 tts, cosyvoice, fish speech, openaudio s1
text-to-speech | - | 0.55 | \w{0,8}tts, vits, tacotron, fastspeech, fastpitch, kokoro, bark, styletts, openvoice
text-to-speech | - | 0.55 | chatterbox
text-to-speech | - | 0.5 | gpt sovits, vibevoice, metavoice, orpheus 3b, csm 1b, zonos, mars5, tortoise, piper
text-to-speech | - | 0.5 | higgs audio
translation | transformers | 0.65 | opus mt, nllb, m2m100, mbart 50, madlad, translat\w+, indictrans, small100
text-ranking | sentence-transformers | 0.65 | cross encoder, \w{0,8}reranker, ms marco minilm, rankllama, monot5
sentence-similarity | - | 0.5 | all minilm, all mpnet, bge, gte, e5, sentence, simcse, instructor, labse, m3e, gtr
sentence-similarity | - | 0.5 | sgpt
sentence-similarity | - | 0.5 | embed(?:ding)?s?, multi qa, paraphrase, mxbai, arctic embed, nomic embed, stella en
sentence-similarity | - | 0.5 | colbert
video-text-to-text | transformers | 0.6 | video ?llava, llava (?:next )?video, videollama, video llama, videochat
video-text-to-text | transformers | 0.6 | longva
audio-text-to-text | transformers | 0.6 | qwen[\d ]{0,3}audio, ultravox, voxtral, audio flamingo, salmonn
audio-text-to-text | transformers | 0.6 | kimi audio
any-to-any | transformers | 0.5 | (?:qwen[\d ]{0,5}|minicpm |mini )?omni, minicpm o, janus(?: pro)?, bagel, emu3
any-to-any | transformers | 0.5 | anygpt
robotics | lerobot | 0.6 | smolvla, pi0 ?5?, xvla, diffusion policy
robotics | - | 0.6 | openvla, octo (?:small|base), gr00t, \w{0,6}vla
image-text-to-text | transformers | 0.75 | llava, qwen[\d ]{0,6}vl, internvl, paligemma, molmo, idefics, smolvlm
image-text-to-text | transformers | 0.75 | minicpm (?:llama3 )?v, moondream, cogvlm, pixtral, kosmos, florence, ovis
image-text-to-text | transformers | 0.75 | phi [\d ]{1,4}vision, llama [\d ]{1,4}(?:\d+b )?vision, deepseek vl
image-text-to-text | transformers | 0.75 | glm [\d ]{0,4}v
image-text-to-text | transformers | 0.7 | \w{2,10} ?vl, \w{2,10} vision instruct, fuyu, bakllava, nanollava
image-text-to-text | transformers | 0.7 | instructblip, blip2
image-text-to-text | transformers | 0.6 | olmocr, dots ocr, deepseek ocr, nanonets ocr, got ocr, \w{0,8}docling
image-to-text | transformers | 0.5 | blip
image-to-text | transformers | 0.6 | trocr, donut, nougat, pix2struct, manga ocr
image-to-text | - | 0.5 | \w{0,6}ocr
automatic-speech-recognition | transformers | 0.6 | (?:distil )?\w{0,8}whisper
automatic-speech-recognition | - | 0.6 | parakeet\w*, canary, (?:fast)?conformer, citrinet, quartznet, sensevoice\w*
automatic-speech-recognition | - | 0.6 | paraformer, moonshine
automatic-speech-recognition | - | 0.55 | \w{0,6}asr, stt \w\w
text-to-audio | - | 0.6 | musicgen, audioldm, stable audio, audiogen, ace step, riffusion, diffrhythm, tango
audio-to-audio | - | 0.6 | \w{0,3}demucs, sepformer, conv ?tasnet, rvc, so vits svc, mp ?senet, deepfilternet
audio-to-audio | - | 0.6 | bs roformer
audio-to-audio | - | 0.55 | metricgan(?: plus)?, encodec, dac, snac, mimi, speecht5 vc, voice conversion
voice-activity-detection | - | 0.6 | \w{0,6}vad, marblenet, speaker diari[sz]ation, sortformer
audio-classification | - | 0.5 | ecapa(?: tdnn)?, xvector, x vector, titanet, yamnet, panns, wespeaker
audio-classification | transformers? | 0.5 | ast, audio spectrogram transformer
reinforcement-learning | transformers? | 0.5 | decision (?:transformer|tf)
zero-shot-audio-classification | transformers | 0.5 | clap
automatic-speech-recognition | transformers | 0.3 | \w{0,3}wav2vec\w{0,3}, hubert, wavlm
image-to-3d | - | 0.55 | hunyuan3d, trellis, triposr, triposg, instantmesh, zero123, stable fast 3d, wonder3d, sf3d
text-to-3d | - | 0.5 | shap e, point e
image-to-video | diffusers | 0.6 | svd, stable video diffusion, i2vgen, i2v, framepack
text-to-video | diffusers | 0.5 | cogvideox?, animatediff, zeroscope, wan ?2 \d t2v, t2v, hunyuanvideo, mochi
text-to-video | diffusers | 0.5 | ltx video
text-to-video | - | 0.5 | open sora, latte, allegro, skyreels, modelscope t2v
text-to-image | diffusers | 0.45 | stable diffusion, sdxl, sd ?1 5, sd ?3 ?5?, flux(?: 1)?, pixart\w*, kandinsky
text-to-image | diffusers | 0.45 | qwen image
text-to-image | diffusers | 0.45 | dreamlike, dreambooth, stable cascade, sana, kolors, lumina, auraflow, hidream
text-to-image | diffusers | 0.45 | cogview
text-to-image | diffusers | 0.45 | playground v2, animagine(?: xl)?, illustrious, noobai(?: xl)?, pony
text-to-image | diffusers | 0.45 | realistic vision, z image
depth-estimation | transformers | 0.6 | \w{0,10} ?depth anything, dpt, midas, zoedepth, depth pro
zero-shot-object-detection | transformers | 0.55 | owlvit, owlv2, grounding dino, omdet, yolo world
object-detection | transformers? | 0.55 | yolos, (?:rt ?|rf ?|\w{4,12} )?detr\w?, table transformer, deta, d fine
object-detection | - | 0.55 | yolo, yolov\d+\w?, (?:faster|mask) rcnn, yolox
keypoint-detection | transformers? | 0.55 | vitpose\w*, superpoint
keypoint-detection | - | 0.55 | rtmpose, movenet, openpose
keypoint-matching | - | 0.55 | superglue, lightglue, \w{0,9}loftr
image-segmentation | transformers? | 0.6 | segformer, mask2former, maskformer, oneformer
image-segmentation | - | 0.6 | rmbg, birefnet, u2net, clipseg, upernet, modnet
mask-generation | - | 0.5 | sam, mobile ?sam, fast ?sam, med ?sam, segment anything
video-classification | transformers? | 0.5 | videomae, timesformer, vivit, x3d, slowfast
zero-shot-image-classification | transformers? | 0.45 | \w{0,6}clip, siglip, metaclip
image-feature-extraction | - | 0.5 | dino, dinov2, dinov3, ijepa, phikon, virchow
image-classification | transformers? | 0.4 | vit, deit, beit, swin, convnext(?:v2)?, resnet\d*
image-classification | transformers? | 0.4 | \w{0,9}efficientnet\w*, mobilenet\w*, regnet\w*
image-classification | - | 0.4 | resnext\d*, densenet\d*, mobilevit\w*, vgg\d*, eva02, maxvit, inception\w*, nsfw
table-question-answering | transformers | 0.6 | tapas, tapex
token-classification | transformers | 0.3 | layoutlm\w*
token-classification | - | 0.55 | \w{0,3}ner, gliner
token-classification | - | 0.4 | u?pos
text-classification | transformers? | 0.5 | sst ?2, sentiments?, emotions?, toxic\w*, imdb, spam, hate ?speech, cola
text-classification | transformers? | 0.5 | mrpc, prompt injection
text-classification | - | 0.45 | reward(?: model)?, \w{0,10} rm, language detection, langdetect, fake ?news, irony
text-classification | - | 0.45 | offensive
question-answering | - | 0.45 | squad\w*, qa
zero-shot-classification | - | 0.4 | mnli, xnli, nli, zeroshot
summarization | - | 0.5 | cnn, xsum, summari[sz]\w+, samsum, pegasus
text2text-generation | transformers | 0.42 | (?:flan |code|m|um|by)?t5, m?bart, ul2, t0pp?
text-generation | transformers | 0.45 | \w{0,8}llama, mistral, \w{0,6}mixtral, qwen, qwq, yi, falcon
text-generation | transformers | 0.45 | \w{0,8}gpt ?\w*, gemma, codegemma
text-generation | transformers | 0.45 | phi, mpt, bloomz?, opt, vicuna, alpaca, guanaco, baichuan, smollm, mamba
text-generation | transformers | 0.45 | rwkv
text-generation | transformers | 0.45 | deepseek, command r, olmo\w?, internlm, \w{0,5}glm, starcoder, codegen
text-generation | transformers | 0.45 | minicpm, exaone
text-generation | transformers | 0.45 | dolly, pythia, stablelm, zephyr, jamba, granite, hermes
text-generation | transformers | 0.45 | wizard(?:lm|coder|math), solar
text-generation | transformers | 0.45 | nemotron, openchat, orca, dolphin, tulu, aya, kimi, grok, dbrx, lfm, xgen
text-generation | transformers | 0.45 | redpajama, openelm
fill-mask | transformers | 0.32 | \w{0,12}(?:bert|electra|ernie)\w{0,4}, longformer, xlnet, esm\d?
"""
"""Names on the Hub and in the documentation of transformers, diffusers and the libraries of audio and vision."""

_ENVIRONMENTS = """
lunarlander cartpole frozenlake taxi pixelcopter walker2d halfcheetah bipedalwalker pandareach antbullet spaceinvaders
huggy soccertwos snowballtarget doom mountaincar acrobot pendulum breakout
"""
ENVIRONMENTS = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(_ENVIRONMENTS.split())})(?![a-z])")
"""Environments of Gymnasium, Unity and their relatives, as the names of agents carry them."""


def compiled() -> tuple[tuple[re.Pattern[str], str, str, float], ...]:
    """Pattern, task, library (with or without a question mark) and weight of each row."""
    return tuple(_row(*line.split(" | ")) for line in _TABLE.strip().split("\n"))


def _row(task: str, library: str, weight: str, words: str) -> tuple[re.Pattern[str], str, str, float]:
    any_word = "|".join(words.split(", "))
    pattern = re.compile(rf"(?<![a-z0-9])(?:{any_word})(?:v?\d{{1,2}})?(?![a-z0-9])")
    return pattern, task, library.strip("-"), float(weight)
