// The page is complete without this: it chooses a deadline, hides factions, and unfolds everything for paper.
(() => {
  "use strict";
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  document.documentElement.classList.add("js");

  const deadline = document.getElementById("deadline");
  const show = () => all(".deadline").forEach((one) => one.classList.toggle("shown", one.dataset.day === deadline.value));
  deadline.addEventListener("change", show);
  all(".choose").forEach((one) => { one.hidden = all(".deadline").length < 2; });
  show();

  all(".legend input").forEach((box) => {
    box.hidden = false;
    box.checked = true;
    box.addEventListener("change", () => all("g.curve")
      .filter((one) => one.dataset.faction === box.dataset.faction)
      .forEach((one) => one.classList.toggle("off", !box.checked)));
  });

  const folded = new Set();
  window.addEventListener("beforeprint", () => all("details:not([open])").forEach((one) => {
    folded.add(one);
    one.open = true;
  }));
  window.addEventListener("afterprint", () => {
    folded.forEach((one) => { one.open = false; });
    folded.clear();
  });
})();
