"""Phrases by which cards, papers and the Hub's task pages name tasks and libraries: data for the reader of prose.

Each row: what it means, how far it is trusted in a title, and the phrases (regular expressions over lower case).
"""

from __future__ import annotations

import re

Row = tuple[str, float, tuple[str, ...]]

TASKS: tuple[Row, ...] = (
    ("text-to-image", 0.9, (r"text[- ]to[- ]image",)),
    ("text-to-image", 0.6, (r"stable diffusion", r"dreambooth", r"image generation model", r"generates? images")),
    ("image-to-image", 0.85, (r"controlnet",)),
    ("image-to-image", 0.8, (r"inpaint(?:ing)?\b", r"image[- ]to[- ]image", r"img2img", r"image editing")),
    ("image-to-image", 0.8, (r"super[- ]resolution", r"upscal(?:er|ing)", r"image restoration", r"style transfer")),
    ("video-to-video", 0.85, (r"video (?:super[- ]resolution|restoration|upscal\w+|enhancement|editing|matting)",)),
    ("video-to-video", 0.85, (r"frame interpolation", r"video[- ]to[- ]video", r"lip[- ]?sync\w*")),
    ("text-to-video", 0.9, (r"text[- ]to[- ](?:video|gif)", r"t2v\b")),
    ("image-to-video", 0.85, (r"image[- ]to[- ]video", r"i2v\b", r"portrait animation")),
    ("text-to-3d", 0.85, (r"text[- ]to[- ]3d",)),
    ("image-to-3d", 0.85, (r"image[- ]to[- ]3d", r"single[- ]image 3d", r"3d (?:asset|shape|model) generation")),
    ("text-to-speech", 0.85, (r"text[- ]to[- ]speech", r"\btts\b", r"speech synthesis", r"voice cloning")),
    ("text-to-audio", 0.85, (r"text[- ]to[- ](?:audio|music|sound)", r"music generation", r"audio generation")),
    ("automatic-speech-recognition", 0.85, (r"speech recognition", r"\basr\b", r"speech[- ]to[- ]text")),
    ("automatic-speech-recognition", 0.8, (r"transcri(?:be|ption)s? (?:of )?(?:audio|speech)", r"语音识别")),
    ("audio-to-audio", 0.85, (r"(?:audio|speech|music) source separation", r"speech (?:enhancement|separation)")),
    ("audio-to-audio", 0.85, (r"voice conversion", r"(?:speech |)denoising of speech", r"noise suppression")),
    ("audio-to-audio", 0.85, (r"speech[- ]to[- ]speech",)),
    (
        "voice-activity-detection",
        0.85,
        (r"voice activity detection", r"speaker diari[sz]ation", r"speaker segmentation"),
    ),
    ("audio-classification", 0.8, (r"audio classification", r"speech emotion", r"keyword spotting", r"sound event")),
    (
        "audio-classification",
        0.8,
        (r"emotion recognition from (?:speech|audio)", r"language identification from speech"),
    ),
    ("audio-classification", 0.8, (r"speaker (?:verification|identification|recognition)",)),
    ("image-classification", 0.8, (r"image classif\w+", r"classif\w+ images?", r"image recognition")),
    ("object-detection", 0.85, (r"object detect\w+", r"detects? objects", r"目标检测")),
    (
        "image-segmentation",
        0.85,
        (r"(?:image|semantic|instance|panoptic) segmentation", r"background removal", r"matting"),
    ),
    ("depth-estimation", 0.8, (r"depth estimation", r"depth map")),
    (
        "keypoint-detection",
        0.75,
        (r"(?:human )?pose estimation", r"task: pose", r"keypoints?\b", r"landmark detection"),
    ),
    ("image-to-text", 0.85, (r"image[- ]caption\w*", r"captioning images?")),
    ("image-to-text", 0.6, (r"\bocr\b", r"optical character recognition", r"handwrit\w+ recognition")),
    ("robotics", 0.8, (r"vision[- ]language[- ]action", r"robot(?:ic)? (?:policy|manipulation|control)")),
    (
        "image-text-to-text",
        0.8,
        (r"(?:vision|visual)[- ]language", r"large multimodal", r"image[- ]text[- ]to[- ]text"),
    ),
    ("image-text-to-text", 0.8, (r"multi-?modal (?:large )?(?:language )?(?:model|llm)", r"\b(?:vlm|mllm|lvlm)\b")),
    ("image-text-to-text", 0.8, (r"visual question answering", r"视觉语言模型", r"多模态")),
    ("document-question-answering", 0.6, (r"document question answering", r"document understanding")),
    ("video-classification", 0.8, (r"video (?:classification|action)", r"action (?:recognition|detection)")),
    ("zero-shot-image-classification", 0.7, (r"zero[- ]shot image classification", r"contrastive (?:language|image)")),
    (
        "zero-shot-classification",
        0.5,
        (r"zero[- ]shot (?:text )?classification", r"natural language inference\b", r"\bnli\b"),
    ),
    ("token-classification", 0.8, (r"named[- ]entity", r"\bner\b", r"token classification", r"part[- ]of[- ]speech")),
    ("token-classification", 0.8, (r"\bpos tag\w*",)),
    ("text-classification", 0.7, (r"sentiment", r"text classif\w+", r"toxicity", r"spam detection", r"hate speech")),
    ("text-classification", 0.7, (r"(?:emotion|intent) classif\w+", r"prompt[- ]injection detect\w+", r"guardrail")),
    ("text-classification", 0.7, (r"classif\w+ (?:of )?(?:texts?|sentences?|reviews?|comments?)",)),
    ("text-ranking", 0.75, (r"cross[- ]?encoder", r"re-?rank\w*", r"passage ranking")),
    ("sentence-similarity", 0.75, (r"sentence[- ](?:embedding|similarity|transformer)s?", r"text embeddings?")),
    ("sentence-similarity", 0.75, (r"embedding model", r"semantic search", r"dense vector space")),
    ("table-question-answering", 0.8, (r"table question answering", r"questions? about (?:a )?tables?")),
    ("question-answering", 0.5, (r"question[- ]answering", r"extractive qa")),
    ("summarization", 0.7, (r"summari[sz]ation", r"summari[sz]es?\b")),
    ("translation", 0.65, (r"machine translation", r"translates?\b", r"\btranslation\b", r"机器翻译")),
    ("fill-mask", 0.65, (r"masked language model\w*", r"fill[- ]mask", r"\bmlm\b")),
    ("time-series-forecasting", 0.75, (r"time[- ]series", r"forecasting")),
    ("tabular-classification", 0.6, (r"tabular (?:data|classification)", r"predictive maintenance")),
    ("reinforcement-learning", 0.8, (r"reinforcement learning agent", r"deep[- ]reinforcement[- ]learning")),
    ("reinforcement-learning", 0.8, (r"trained agent playing", r"\b(?:ppo|dqn)\b", r"q-learning agent")),
    ("unconditional-image-generation", 0.9, (r"unconditional image generation",)),
    (
        "text-generation",
        0.55,
        (r"(?:large )?language models?\b", r"\bllms?\b", r"causal lm", r"chat ?model", r"chatbot"),
    ),
    (
        "text-generation",
        0.55,
        (r"instruct(?:ion)?[- ](?:tuned|following)", r"text generation", r"dialogue", r"大语言模型"),
    ),
    ("feature-extraction", 0.4, (r"feature extraction", r"self-supervised .{0,30}representation")),
    ("feature-extraction", 0.4, (r"pre-?trained encoder", r"foundation encoder")),
    ("image-feature-extraction", 0.6, (r"(?:^|\b(?:is|are) )an? [\w -]{0,40}(?:vision|image) encoder\b",)),
    ("image-feature-extraction", 0.5, (r"image (?:embeddings?|features?)\b",)),
)

LIBRARIES: tuple[Row, ...] = (
    ("comfyui", 0.5, (r"\bcomfy ?ui\b",)),
    ("diffusers", 0.5, ("\N{FIRECRACKER}", r"\bdiffusers\b")),
    ("transformers", 0.5, (r"\N{HUGGING FACE}'?s? ?transformers", r"hugging ?face'?s? transformers")),
    ("transformers", 0.5, (r"\btransformers library", r"(?:with|using) transformers\b")),
    ("sentence-transformers", 0.5, (r"sentence[- ]transformers",)),
    ("onnx", 0.35, (r"\bonnx\b",)),
    ("tensorrt", 0.4, (r"tensorrt",)),
    ("coreml", 0.4, (r"\bcore ?ml\b",)),
    ("gguf", 0.45, (r"\bgguf\b", r"llama\.cpp")),
    ("vllm", 0.3, (r"\bvllm\b",)),
    ("speechbrain", 0.45, (r"speechbrain",)),
    ("nemo", 0.4, (r"\bnemo\b",)),
    ("pyannote.audio", 0.45, (r"pyannote",)),
    ("mlx", 0.45, (r"\bmlx\b",)),
    ("timm", 0.4, (r"\btimm\b",)),
    ("open_clip", 0.35, (r"open_?clip",)),
    ("espnet", 0.45, (r"espnet",)),
    ("fairseq", 0.3, (r"fairseq",)),
    ("sklearn", 0.35, (r"scikit-learn", r"sklearn")),
    ("keras", 0.3, (r"\bkeras\b",)),
    ("ultralytics", 0.4, (r"ultralytics",)),
    ("stable-baselines3", 0.5, (r"stable[- ]baselines3",)),
    ("spacy", 0.4, (r"\bspacy\b",)),
    ("flair", 0.35, (r"\bflair\b",)),
    ("lerobot", 0.5, (r"lerobot",)),
)


def compiled(rows: tuple[Row, ...]) -> tuple[tuple[re.Pattern[str], str, float], ...]:
    """Patterns ready to search with."""
    return tuple((re.compile("|".join(phrases)), meaning, weight) for meaning, weight, phrases in rows)
