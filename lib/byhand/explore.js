(root => {
  const svg = root.querySelector("svg"), controls = root.querySelector(".controls");
  const alts = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
  const inputs = [...controls.querySelectorAll("input")], button = controls.querySelector("button");
  const parts = [...svg.querySelectorAll("[data-frames]")].map(g => [g, new Set(g.dataset.frames.split(" ").map(Number))]);
  const show = () => {
    let frame = 0;
    for (const input of inputs) {
      const text = JSON.parse(input.dataset.texts)[+input.value];
      frame = frame * (+input.max + 1) + +input.value;
      input.setAttribute("aria-valuetext", text);
      input.nextElementSibling.textContent = text;
    }
    for (const [g, on] of parts) on.has(frame) ? g.removeAttribute("display") : g.setAttribute("display", "none");
    svg.setAttribute("aria-label", alts[frame]);
  };
  inputs.forEach(input => input.addEventListener("input", show));
  if (button) {
    const time = button.previousElementSibling.querySelector("input");
    let timer = 0;
    const stop = () => { clearInterval(timer); timer = 0; button.textContent = "Play"; };
    const tick = () => { time.stepUp(); show(); if (time.value === time.max) stop(); };
    time.addEventListener("input", stop);
    button.addEventListener("click", () => {
      if (timer) return stop();
      if (time.value === time.max) time.value = 0;
      button.textContent = "Pause";
      timer = setInterval(tick, 150);
    });
  }
  controls.hidden = false;
  show();
})(document.currentScript.parentElement);
