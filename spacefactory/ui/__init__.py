"""The orchestrator: a Gradio app for building, watching and validating. Import its modules only to serve it."""
