"""What the name of a class says about the task: classes of transformers, diffusers and other libraries."""

from __future__ import annotations

import re
from dataclasses import dataclass

TASK_OF_ENDING = (
    ("ForCausalLM", "text-generation"),
    ("LMHeadModel", "text-generation"),
    ("ForSeq2SeqLM", "text2text-generation"),
    ("ForSequenceClassification", "text-classification"),
    ("ForMultipleChoice", "text-classification"),
    ("ForTokenClassification", "token-classification"),
    ("ForTableQuestionAnswering", "table-question-answering"),
    ("ForVisualQuestionAnswering", "visual-question-answering"),
    ("ForDocumentQuestionAnswering", "document-question-answering"),
    ("ForQuestionAnswering", "question-answering"),
    ("ForMaskedLM", "fill-mask"),
    ("ForPreTraining", "fill-mask"),
    ("ForVideoClassification", "video-classification"),
    ("ForZeroShotImageClassification", "zero-shot-image-classification"),
    ("ForImageClassification", "image-classification"),
    ("ForImageClassificationWithTeacher", "image-classification"),
    ("ForZeroShotObjectDetection", "zero-shot-object-detection"),
    ("ForObjectDetection", "object-detection"),
    ("ForSemanticSegmentation", "image-segmentation"),
    ("ForInstanceSegmentation", "image-segmentation"),
    ("ForUniversalSegmentation", "image-segmentation"),
    ("ForImageSegmentation", "image-segmentation"),
    ("ForSegmentation", "image-segmentation"),
    ("ForMaskGeneration", "mask-generation"),
    ("ForDepthEstimation", "depth-estimation"),
    ("ForKeypointDetection", "keypoint-detection"),
    ("ForKeypointMatching", "keypoint-matching"),
    ("ForPoseEstimation", "keypoint-detection"),
    ("ForImageToImage", "image-to-image"),
    ("ForImageSuperResolution", "image-to-image"),
    ("ForImageMatting", "image-segmentation"),
    ("ForImageTextToText", "image-text-to-text"),
    ("ForVision2Seq", "image-text-to-text"),
    ("ForCTC", "automatic-speech-recognition"),
    ("ForRNNT", "automatic-speech-recognition"),
    ("ForTDT", "automatic-speech-recognition"),
    ("ForSpeechSeq2Seq", "automatic-speech-recognition"),
    ("ForSpeechToText", "automatic-speech-recognition"),
    ("ForTextToSpeech", "text-to-speech"),
    ("ForTextToWaveform", "text-to-audio"),
    ("ForTextToSpectrogram", "text-to-speech"),
    ("ForSpeechToSpeech", "audio-to-audio"),
    ("ForAudioClassification", "audio-classification"),
    ("ForAudioFrameClassification", "voice-activity-detection"),
    ("ForXVector", "audio-classification"),
    ("ForAudioXVector", "audio-classification"),
    ("ForPrediction", "time-series-forecasting"),
    ("ForTimeSeriesPrediction", "time-series-forecasting"),
)
"""Endings of class names in transformers; the longest that fits decides."""

TASK_OF_CLASS = (
    (r"(?:OwlViT|Owlv2|GroundingDino|MMGroundingDino|OmDetTurbo)ForObjectDetection", "zero-shot-object-detection"),
    (
        r"(?:Wav2Vec2\w*|Hubert|WavLM|UniSpeech\w*|Data2VecAudio|SEW\w?)ForSequenceClassification",
        "audio-classification",
    ),
    (r"(?:Blip|Vilt|Lxmert|VisualBert)ForQuestionAnswering", "visual-question-answering"),
    (r"(?:LayoutLM\w*|Lilt|Bros)ForQuestionAnswering", "document-question-answering"),
    (r"TapasForQuestionAnswering", "table-question-answering"),
)
"""Classes of transformers that take something else than the ending of their name says."""

TASK_OF_FAMILY = (
    (r"Whisper|Speech2Text|Moonshine", "automatic-speech-recognition"),
    (r"T5|MT5|UMT5|ByT5|Switch", "text2text-generation"),
    (r"Bart|Pegasus|LED|ProphetNet|BigBird\w*|BlenderBot|Blenderbot", "text2text-generation"),
    (r"MBart|M2M100|NllbMoe|Marian\w*|FSMT", "translation"),
    (r"Musicgen\w*|Bark", "text-to-audio"),
    (r"Vits|SpeechT5|FastSpeech2\w*|Csm|Dia", "text-to-speech"),
    (r"SeamlessM4T\w*", "audio-to-audio"),
    (r"Encodec|Dac|Mimi", "audio-to-audio"),
    (r"Sam\d?|SamHQ", "mask-generation"),
    (r"CLIP|Chinese\w?CLIP|AltCLIP|Siglip2?|Align|FLAVA|MetaClip\w*", "zero-shot-image-classification"),
    (r"Clap", "zero-shot-audio-classification"),
    (r"VisionEncoderDecoder|TrOCR|Git|Pix2Struct|Donut\w*|Nougat\w*", "image-to-text"),
    (r"Blip", "image-to-text"),
    (r"VideoLlava|LlavaNextVideo", "video-text-to-text"),
    (r"Qwen\d?(?:_\d)?VL\w*|Qwen2_5_VL|Llava\w*|PaliGemma\w*|Idefics\w*|Mllama|Gemma3n?|Fuyu", "image-text-to-text"),
    (r"Blip2|InstructBlip|Kosmos\w*|Florence2\w*|InternVL\w*|SmolVLM|Molmo\w*|Pixtral|Mistral3", "image-text-to-text"),
    (r"Aya\w*|Ovis\w*|MiniCPM\w*V|Llama4|Glm4v\w*", "image-text-to-text"),
    (r"Qwen2Audio|Voxtral|AudioFlamingo\w*|Ultravox\w*|GraniteSpeech", "audio-text-to-text"),
    (r"Qwen\d_?5?Omni\w*", "any-to-any"),
    (r"DPR\w+|Bge\w*|NomicBert", "feature-extraction"),
    (r"ViT|Dinov2\w*|DINOv3\w*|Hiera|IJepa", "image-feature-extraction"),
    (r"Wav2Vec2\w*|Hubert|WavLM|Data2VecAudio|UniSpeech\w*", "feature-extraction"),
    (r"VideoMAE|Timesformer|VJEPA2", "feature-extraction"),
    (r"Informer|Autoformer|TimeSeriesTransformer|PatchTST|PatchTSMixer|TimesFm", "time-series-forecasting"),
)
"""Families of transformers whose `XModel` and `XForConditionalGeneration` have one usual task."""

DIFFUSERS = (
    (r"ShapEImg2Img|Hunyuan3D|Zero123|Trellis", "image-to-3d"),
    (r"ShapE", "text-to-3d"),
    (r"StableVideoDiffusion|I2VGenXL|ImageToVideo|Image2Video|PIA", "image-to-video"),
    (r"VideoToVideo|Video2Video", "video-to-video"),
    (r"TextToVideo|CogVideoX|AnimateDiff|LTX|Mochi|Wan(?:VACE)?Pipeline|Allegro|Latte|SkyReels", "text-to-video"),
    (r"Video\w*Pipeline|ConsisID|EasyAnimate", "text-to-video"),
    (r"AudioLDM|MusicLDM|StableAudio|AudioDiffusion|DanceDiffusion", "text-to-audio"),
    (r"Marigold\w*Depth|DepthEstimation", "depth-estimation"),
    (r"Img2Img|ImageToImage|Image2Image|Inpaint|Upscale|SuperResolution|ImageVariation|Redux", "image-to-image"),
    (r"ControlNet|Adapter|Pix2Pix|Kontext|Edit|Fill|Paint|MarigoldNormals|Depth2Img|Omni", "image-to-image"),
    (
        r"\b(?:DDPM|DDIM|PNDM|LDM|ScoreSdeVe|KarrasVe|Repaint|ConsistencyModel|DiT)Pipeline",
        "unconditional-image-generation",
    ),
    (r"(?:Pipeline|AutoPipelineForText2Image)$", "text-to-image"),
)
"""Parts of pipeline classes in diffusers, the first that fits decides."""

OTHERS: dict[str, tuple[str, str]] = {
    "SentenceTransformer": ("sentence-transformers", "sentence-similarity"),
    "SparseEncoder": ("sentence-transformers", "feature-extraction"),
    "CrossEncoder": ("sentence-transformers", "text-ranking"),
    "FlagReranker": ("transformers", "text-ranking"),
    "FlagModel": ("transformers", "feature-extraction"),
    "BGEM3FlagModel": ("transformers", "feature-extraction"),
    "SequenceTagger": ("flair", "token-classification"),
    "TextClassifier": ("flair", "text-classification"),
    "SetFitModel": ("setfit", "text-classification"),
    "SpanMarkerModel": ("span-marker", "token-classification"),
    "GLiNER": ("gliner", "token-classification"),
    "YOLO": ("ultralytics", "object-detection"),
    "WhisperModel": ("ctranslate2", "automatic-speech-recognition"),
    "Translator": ("ctranslate2", "translation"),
    "EncoderClassifier": ("speechbrain", "audio-classification"),
    "SpeakerRecognition": ("speechbrain", "audio-classification"),
    "EncoderDecoderASR": ("speechbrain", "automatic-speech-recognition"),
    "EncoderASR": ("speechbrain", "automatic-speech-recognition"),
    "WhisperASR": ("speechbrain", "automatic-speech-recognition"),
    "SepformerSeparation": ("speechbrain", "audio-to-audio"),
    "SpectralMaskEnhancement": ("speechbrain", "audio-to-audio"),
    "WaveformEnhancement": ("speechbrain", "audio-to-audio"),
    "VAD": ("speechbrain", "voice-activity-detection"),
    "Tacotron2": ("speechbrain", "text-to-speech"),
    "HIFIGAN": ("speechbrain", "text-to-speech"),
    "FastSpeech2": ("speechbrain", "text-to-speech"),
    "GraphemeToPhoneme": ("speechbrain", "text2text-generation"),
    "Text2Speech": ("espnet", "text-to-speech"),
    "Speech2Text": ("espnet", "automatic-speech-recognition"),
    "TTS": ("coqui", "text-to-speech"),
    "KPipeline": ("kokoro", "text-to-speech"),
    "BERTopic": ("bertopic", "text-classification"),
    "StaticModel": ("model2vec", "feature-extraction"),
    "ChronosPipeline": ("chronos-forecasting", "time-series-forecasting"),
    "BaseChronosPipeline": ("chronos-forecasting", "time-series-forecasting"),
    "TimesFm": ("timesfm", "time-series-forecasting"),
    "LLM": ("vllm", "text-generation"),
    "Llama": ("gguf", "text-generation"),
    "ParlerTTSForConditionalGeneration": ("custom", "text-to-speech"),
    "PPO": ("stable-baselines3", "reinforcement-learning"),
    "DQN": ("stable-baselines3", "reinforcement-learning"),
    "A2C": ("stable-baselines3", "reinforcement-learning"),
}
"""Classes of other libraries: (library, task). The library counts only where the class is imported from it."""


@dataclass(frozen=True)
class Meaning:
    """A task, and how sure the name is of it."""

    task: str
    weight: float


GENERAL = ("text2text-generation", "feature-extraction")
"""Tasks of families that most of their models are fine-tuned away from."""


def of_transformers(name: str) -> Meaning | None:
    """The task of a class of transformers or an entry of `architectures`."""
    bare = re.sub(r"^(?:TF|Flax|ORT|OV|IPEX)(?=[A-Z])|^Auto(?:GPTQ)?(?:Model)?(?=For)", "", name[:100])
    if task := next((task for pattern, task in TASK_OF_CLASS if re.fullmatch(pattern, bare)), None):
        return Meaning(task, 0.88)
    fitting = [(ending, task) for ending, task in TASK_OF_ENDING if bare.endswith(ending)]
    if fitting:
        ending, task = max(fitting, key=lambda pair: len(pair[0]))
        family = _family(bare.removesuffix(ending))
        if family not in (None, *GENERAL) and ending in ("ForCausalLM", "ForSpeechSeq2Seq"):
            return Meaning(str(family), 0.8)
        return Meaning(task, {"ForPreTraining": 0.3, "ForCausalLM": 0.75}.get(ending, 0.88))
    stem = re.sub(r"(?:Model)?(?:ForConditionalGeneration)?(?:WithProjection)?$", "", bare)
    if family := _family(stem):
        return Meaning(family, 0.45 if family in GENERAL else 0.8)
    headless = bare == "AutoModel" or re.search(r"(?:BERT|Bert|ERTa|berta|Electra|Ernie)\w{0,20}Model$", bare)
    return Meaning("feature-extraction", 0.25) if headless else None


def _family(stem: str) -> str | None:
    return next((task for pattern, task in TASK_OF_FAMILY if re.fullmatch(pattern, stem)), None)


def of_diffusers(name: str) -> Meaning | None:
    """The task of a pipeline class of diffusers."""
    for pattern, task in DIFFUSERS:
        if re.search(pattern, name[:100]):
            return Meaning(task, 0.35 if name in ("DiffusionPipeline", "AutoPipeline") else 0.85)
    return None
