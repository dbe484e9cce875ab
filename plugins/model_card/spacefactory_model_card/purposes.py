"""Libraries that are made for one task: whatever a card imports from them, that is what its model does."""

from __future__ import annotations

_MODULES = {
    "text-generation": "mlx_lm llama_cpp ctransformers exllamav2 rwkv",
    "image-text-to-text": "mlx_vlm llava moondream deepseek_vl deepseek_vl2",
    "automatic-speech-recognition": (
        "faster_whisper mlx_whisper whisper whisperx whisper_timestamped pywhispercpp funasr"
    ),
    "text-to-speech": (
        "TTS kokoro parler_tts cosyvoice f5_tts chatterbox outetts melo styletts2 zonos piper bark "
        "tortoise fish_speech qwen_tts indextts vibevoice neuttsair kittentts ChatTTS voxcpm supertonic "
        "metavoice openvoice nemo.collections.tts"
    ),
    "text-to-audio": ("audiocraft stable_audio_tools audioldm audioldm2 riffusion diffrhythm acestep magenta"),
    "audio-to-audio": (
        "audio_separator demucs df resemble_enhance spleeter clearvoice voicefixer rvc_python openunmix"
    ),
    "voice-activity-detection": "silero_vad pyannote.audio nemo.collections.asr.models.EncDecClassificationModel",
    "zero-shot-audio-classification": "laion_clap msclap",
    "audio-classification": "panns_inference speechbrain.inference.classifiers",
    "depth-estimation": "depth_anything_v2 depth_anything depth_anything_3 depth_pro zoedepth",
    "mask-generation": "segment_anything sam2 sam3 segment_anything_hq mobile_sam",
    "image-segmentation": "rembg transparent_background segmentation_models_pytorch carvekit",
    "image-to-image": "realesrgan RealESRGAN gfpgan basicsr spandrel super_image",
    "zero-shot-object-detection": "groundingdino",
    "object-detection": "rfdetr super_gradients yolox mmdet yolov5 yolov7 detectron2",
    "keypoint-detection": "mmpose rtmlib",
    "keypoint-matching": "lightglue kornia.feature.LoFTR",
    "image-to-text": "paddleocr easyocr doctr surya manga_ocr",
    "image-to-3d": "hy3dgen trellis tsr sf3d instantmesh triposg",
    "text-to-3d": "shap_e point_e",
    "robotics": "lerobot openpi octo gr00t",
    "reinforcement-learning": "stable_baselines3 huggingface_sb3 sb3_contrib rl_zoo3 sample_factory mlagents_envs",
    "time-series-forecasting": "chronos timesfm uni2ts tirex tsfm_public neuralforecast lag_llama gluonts",
    "sentence-similarity": "pylate sentence_transformers FlagEmbedding fastembed InstructorEmbedding",
    "token-classification": "gliner span_marker stanza",
    "text-classification": "setfit fasttext detoxify",
    "zero-shot-image-classification": "open_clip cn_clip",
    "graph-ml": "torch_geometric dgl",
}
TASK_OF_MODULE = {module: task for task, modules in _MODULES.items() for module in modules.split()}
"""Dotted import name -> task; several libraries do a second thing as well, so that plainer words outweigh it."""

_LIBRARIES = {
    "text-generation": (
        "mlx-lm llama-cpp-python gemma.cpp grok mlc-llm litert-lm rkllm recurrentgemma cartesia_pytorch"
    ),
    "image-text-to-text": "mlx-vlm monkeyocr describe-anything",
    "automatic-speech-recognition": "faster-whisper openai-whisper whisperkit reverb k2",
    "text-to-speech": (
        "coqui kokoro f5-tts f5_tts parler-tts chatterbox chatterbox-tts chat_tts dia-tts index-tts "
        "mars5-tts outetts zonos vibevoice voxcpm vui supertonic imstoucan ssr-speech voicecraft "
        "tensorflowtts cosyvoice styletts2"
    ),
    "text-to-audio": "audiocraft stable-audio-tools song-generation tencent-song-generation songbloom",
    "audio-to-audio": "moshi asteroid soloaudio",
    "audio-text-to-text": "kimi-audio",
    "voice-activity-detection": "silero-vad pyannote-audio",
    "depth-estimation": "depth-anything-v2 depth-pro",
    "mask-generation": "sam2",
    "image-segmentation": "birefnet ben2",
    "image-to-3d": "hunyuan3d-2 trellis mesh-anything 3dtopia-xl sam-3d",
    "text-to-image": "hunyuan-dit sana glyph-byt5",
    "text-to-video": "genmo open-sora",
    "image-to-video": "liveportrait hallo champ",
    "object-detection": "yolov5 yolov10 deepforest",
    "keypoint-matching": "lightglue vismatch",
    "visual-document-retrieval": "colpali",
    "image-to-text": "doctr htrflow",
    "robotics": "lerobot",
    "reinforcement-learning": "stable-baselines3 sample-factory ml-agents cleanrl",
    "time-series-forecasting": "timesfm tirex chronos-forecasting kronos",
    "tabular-classification": "tabpfn",
    "sentence-similarity": "sentence-transformers pylate",
    "token-classification": "gliner span-marker stanza relik edsnlp",
    "text-classification": "setfit bertopic",
    "zero-shot-image-classification": "open_clip",
}
TASK_OF_LIBRARY = {name: task for task, names in _LIBRARIES.items() for name in names.split()}
"""The Hub's `library_name` -> task, for libraries that are made for one task."""


def of_import(name: str) -> str | None:
    """The task of what a dotted name is imported from; a longer name decides before a shorter one."""
    parts = name.split(".")
    longer = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((TASK_OF_MODULE[module] for module in longer if module in TASK_OF_MODULE), None)
