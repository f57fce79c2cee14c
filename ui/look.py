"""How the page looks: a theme with enough contrast in light and dark, system fonts, ui/static inlined."""
from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import gradio as gr

from ui.texts import COOKIE, LANGUAGES, language, say, texts
from ui.view import words

STATIC = Path(__file__).parent / "static"
KEYS = Path(__file__).parent / "keys.json"
FACES = {"ArrowRight": "→", "ArrowLeft": "←", "Backspace": "⌫", "Enter": "⏎", "Escape": "Esc"}
SCRIPTS = ("texts.js", "memory.js", "looking.js", "keys.js", "key-table.js", "focus.js", "endpoint.js",
           "microphone.js", "mic-check.js", "takes.js", "pace.js", "best-take.js", "recorder-view.js",
           "recorder.js")
ICON = STATIC / "icon.svg"
SANS = (
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "Roboto",
    "Noto Sans",
    "Helvetica Neue",
    "Arial",
    "sans-serif",
)
MONO = ("ui-monospace", "SF Mono", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")

# name -> (light, dark); every pair of text and ground has a contrast of at least 4.5
COLOURS = {
    "body_background_fill": ("#f4f6f7", "#11171b"),
    "body_text_color": ("#182329", "#e7edf0"),
    "body_text_color_subdued": ("#4b5a63", "#a9b7bf"),
    "background_fill_primary": ("#ffffff", "#192126"),
    "background_fill_secondary": ("#f4f6f7", "#141b20"),
    "border_color_primary": ("#d5dde1", "#2e3a41"),
    "border_color_accent": ("#0b6e69", "#4cc3b8"),
    "border_color_accent_subdued": ("#9fcfcb", "#2c6f69"),
    "color_accent_soft": ("#e0f2f0", "#173835"),
    "link_text_color": ("#0a5f5b", "#6fd6cc"),
    "link_text_color_hover": ("#084b48", "#93e4dc"),
    "link_text_color_active": ("#084b48", "#93e4dc"),
    "link_text_color_visited": ("#0a5f5b", "#6fd6cc"),
    "block_background_fill": ("#ffffff", "#192126"),
    "block_border_color": ("#d5dde1", "#2e3a41"),
    "block_label_background_fill": ("#ffffff", "#192126"),
    "block_label_text_color": ("#4b5a63", "#b3c0c7"),
    "block_title_text_color": ("#2a3a42", "#d5dee3"),
    "block_info_text_color": ("#4b5a63", "#a9b7bf"),
    "panel_background_fill": ("#eef2f3", "#151d22"),
    "input_background_fill": ("#ffffff", "#10161a"),
    "input_border_color": ("#7d8e97", "#667882"),
    "input_border_color_focus": ("#0b6e69", "#4cc3b8"),
    "input_placeholder_color": ("#5f6f78", "#94a4ad"),
    "button_primary_background_fill": ("#0b6e69", "#4cc3b8"),
    "button_primary_background_fill_hover": ("#095955", "#6fd6cc"),
    "button_primary_border_color": ("#0b6e69", "#4cc3b8"),
    "button_primary_text_color": ("#ffffff", "#04211f"),
    "button_primary_text_color_hover": ("#ffffff", "#04211f"),
    "button_secondary_background_fill": ("#ffffff", "#222c33"),
    "button_secondary_background_fill_hover": ("#eaf0f1", "#2b3740"),
    "button_secondary_border_color": ("#a9b7bf", "#44535c"),
    "button_secondary_text_color": ("#182329", "#e7edf0"),
    "button_secondary_text_color_hover": ("#182329", "#ffffff"),
    "button_cancel_background_fill": ("#a3271f", "#f09a92"),
    "button_cancel_background_fill_hover": ("#861d16", "#f6b6b0"),
    "button_cancel_text_color": ("#ffffff", "#2d0705"),
    "button_cancel_text_color_hover": ("#ffffff", "#2d0705"),
    "checkbox_background_color": ("#ffffff", "#10161a"),
    "checkbox_background_color_selected": ("#0b6e69", "#0f8a82"),
    "checkbox_border_color": ("#6f808a", "#71828c"),
    "checkbox_border_color_selected": ("#0b6e69", "#4cc3b8"),
    "checkbox_label_background_fill": ("#ffffff", "#1c252b"),
    "checkbox_label_background_fill_hover": ("#eaf0f1", "#26323a"),
    "checkbox_label_background_fill_selected": ("#e0f2f0", "#173835"),
    "checkbox_label_border_color": ("#c3ced3", "#3a4850"),
    "checkbox_label_border_color_selected": ("#0b6e69", "#4cc3b8"),
    "checkbox_label_text_color": ("#182329", "#e7edf0"),
    "checkbox_label_text_color_selected": ("#0d2f2d", "#d9f5f2"),
    "table_text_color": ("#182329", "#e7edf0"),
    "table_even_background_fill": ("#ffffff", "#192126"),
    "table_odd_background_fill": ("#f6f8f9", "#1d262c"),
    "table_border_color": ("#d5dde1", "#2e3a41"),
    "table_row_focus": ("#e0f2f0", "#173835"),
    "slider_color": ("#0b6e69", "#4cc3b8"),
    "error_text_color": ("#8f1d16", "#ffb4ad"),
    "error_background_fill": ("#fdeceb", "#3a1714"),
    "error_border_color": ("#d98f89", "#8a3b34"),
    "code_background_fill": ("#eef2f3", "#10161a"),
    "stat_background_fill": ("#0b6e69", "#4cc3b8"),
    "accordion_text_color": ("#182329", "#e7edf0"),
}


def theme() -> gr.themes.Base:
    """The theme; its fonts are those of the system, so that nothing is fetched."""
    base = gr.themes.Base(
        primary_hue="teal",
        neutral_hue="slate",
        font=SANS,
        font_mono=MONO,
        radius_size="lg",
        text_size="md",
        spacing_size="md",
    )
    both = {
        name + mode: value
        for name, pair in COLOURS.items()
        for mode, value in zip(("", "_dark"), pair, strict=True)
    }
    return base.set(
        color_accent="#0b6e69",
        block_shadow="none",
        block_border_width="1px",
        button_large_text_weight="600",
        block_title_text_weight="600",
        input_border_width="1px",
        button_primary_shadow="none",
        button_secondary_shadow="none",
        **both,
    )


@cache
def static(name: str) -> str:
    """A file of `ui/static` as text."""
    return (STATIC / name).read_text(encoding="utf-8")


def css() -> str:
    """All style sheets, one after the other."""
    rest = sorted(path.name for path in STATIC.glob("*.css") if path.name != "style.css")
    return "\n".join(static(name) for name in ["style.css", *rest])


def markup(name: str) -> str:
    """An HTML file of `ui/static` with its texts in place of `[[key]]`."""
    filled = static(name).replace("[[languages]]", languages())
    return re.sub(r"\[\[([\w.]+)\]\]", lambda found: words(found[1]), filled)


def languages() -> str:
    """The choice of a language; ui/static/texts.js does what is pressed."""
    made = [f'<button type="button" data-language="{code}" lang="{code}"'
            f'{" aria-current=true" if code == language() else ""}>{name}</button>'
            for code, name in LANGUAGES.items()]
    named = words("page.language")
    return f'<nav class="vw-languages" aria-label="{named}">{" / ".join(made)}</nav>'


def head(is_booth: bool = False) -> str:
    """What goes into the head of the page: keys and texts, and the scripts that several components need."""
    keys, worklet = json.loads(KEYS.read_text(encoding="utf-8")), static("recorder-worklet.js")
    given = {"keys": keys, "worklet": worklet, "isBooth": is_booth, "language": language(),
             "languageCookie": COOKIE, "texts": texts(language())}
    scripts = [*SCRIPTS, "booth.js"] if is_booth else SCRIPTS
    start = f"window.voicewright = {json.dumps(given, ensure_ascii=False).replace('<', chr(92) + 'u003c')};"
    return f"<script>{start}\n{''.join(static(name) for name in scripts)}</script>"


def keys_of(tab: str) -> str:
    """The keys of a tab as HTML, to be shown on screen; those with `more` stand in the table only that a
    button opens (ui/static/key-table.js), where a person may choose others."""
    rows = json.loads(KEYS.read_text(encoding="utf-8"))[tab]
    said = "".join(f"<span data-key=\"{tab}/{row['label']}\"><kbd>{_face(row['keys'][0])}</kbd> "
                   f"{words(row['label'])}</span>" for row in rows if "more" not in row)
    all_keys = f'<button type="button" class="vw-small" data-keys-of="{tab}">{words("key.all")}</button>'
    named = words("key.keys")
    return f'<div class="vw-keys" role="note" aria-label="{named}">{said}{all_keys}</div>'


def _face(key: str) -> str:
    named = {**FACES, "Space": say("key.space")}
    return " + ".join(named.get(part, part) for part in key.split("+"))
