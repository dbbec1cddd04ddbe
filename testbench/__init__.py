"""The TTS: what sends data and tasks to eclgrmd and checks what comes back."""
