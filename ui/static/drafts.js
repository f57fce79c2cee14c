// What is typed and not saved outlives a reload: it is kept in the browser with the version that it was made from.
const field = () => (inField ? document.querySelector(`#${inField} textarea, #${inField} input`) : null);
const draftKey = `draft-${tab}`;
const isDirty = () => { const box = field(); return Boolean(box && shown.clip && box.value.trim() !== (shown.text || "").trim()); };
const noteDraft = () => vw.remember(draftKey, isDirty() ? JSON.stringify({ clip: shown.clip, version: shown.version, text: field().value }) : "");
const keepDraft = (before) => {
  if (shown.keeps) noteDraft(); // the text stays as it is being typed, beside a newer version
  else forgetOldDraft(before);
  restoreDraft();
};
const forgetOldDraft = (before) => { // what was typed is saved when one goes on, so that undo must not bring it back as typed
  const draft = JSON.parse(vw.remembered(draftKey) || "{}");
  if (before && (draft.clip !== shown.clip || draft.version !== shown.version)) vw.remember(draftKey, "");
};
const restoreDraft = () => setTimeout(() => {
  if (field()) field().dir = "auto"; // Gradio's text field knows one direction only
  const draft = JSON.parse(vw.remembered(draftKey) || "{}"), box = field();
  if (!box || draft.clip !== shown.clip || draft.version !== shown.version || box.value === draft.text) return;
  box.value = draft.text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}, 80);
if (inField) document.addEventListener("input", (event) => { if (event.target === field() && shown.clip) noteDraft(); }, { signal });
vw.dirty = vw.dirty || {};
vw.dirty[tab] = () => isDirty() || document.activeElement === field();
