// What a run said, part by part: only a part that changed is drawn anew, so that a sound goes on playing while others come. Runs as
// js_on_load of a gr.HTML whose value is {run, parts: [[key, html], ...]}; the event `answer` tells what was pressed.
const place = element.querySelector(".vw-said"), drawn = new Map();
const part = (html) => Object.assign(document.createElement("section"), { innerHTML: html });
const show = () => {
  const parts = props.value?.parts || [], wanted = new Set(parts.map(([key]) => key));
  for (const [key, { node }] of drawn) if (!wanted.has(key)) { node.remove(); drawn.delete(key); }
  parts.forEach(([key, html], n) => {
    const known = drawn.get(key);
    if (known?.html !== html) {
      const node = part(html);
      if (known) known.node.replaceWith(node);
      drawn.set(key, { node, html });
    }
    const { node } = drawn.get(key);
    if (place.children[n] !== node) place.insertBefore(node, place.children[n] || null);
  });
};
element.addEventListener("click", (event) => {
  const vote = event.target.closest("button[data-vote]"), run = props.value?.run;
  if (event.target.closest("button[data-reveal]")) trigger("answer", { what: "reveal", run });
  if (!vote) return;
  const again = vote.getAttribute("aria-pressed") === "true"; // a second press takes it back
  trigger("answer", { what: "vote", run, sentence: Number(vote.dataset.sentence), answer: again ? "" : vote.dataset.vote });
});
element.addEventListener("play", (event) => { // one voice at a time
  element.querySelectorAll("audio").forEach((other) => { if (other !== event.target) other.pause(); });
}, true);
watch("value", show);
show();
