(root => {
  const svg = root.querySelector("svg"), words = root.querySelector("p"), controls = root.querySelector(".controls");
  const data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
  const [image, choice] = controls.querySelectorAll("select"), inputs = [...controls.querySelectorAll("input")];
  const rects = [...svg.querySelectorAll("rect")], names = Object.keys(data.kernels);
  const top = Math.max(...Object.values(data.images).flat(2)) || 1;
  const text = v => String(Math.round(v * 100) / 100).replace("-", "−");
  const number = input => Math.max(-data.most, Math.min(data.most, +input.value || 0));
  const show = () => {
    const x = data.images[image.value], w = inputs.map(number), width = x[0].length, size = x.length * width;
    const y = x.map((row, i) => row.map((_, j) =>
      w.reduce((sum, v, k) => sum + v * (x[i + Math.floor(k / 3) - 1]?.[j + k % 3 - 1] ?? 0), 0))).flat();
    const most = Math.max(...y.map(Math.abs)) || 1;
    x.flat().forEach((v, i) => rects[i].setAttribute("fill-opacity", v / top));
    y.forEach((v, i) => {
      rects[size + i].setAttribute("fill", data.colours[v < 0 ? 1 : 0]);
      rects[size + i].setAttribute("fill-opacity", Math.abs(v) / most);
    });
    const rows = [0, 3, 6].map(k => w.slice(k, k + 3).map(text).join(" ")).join("; ");
    words.textContent = `${image.value}, and what the kernel ${rows} makes of it: numbers from ` +
      `${text(Math.min(...y))} to ${text(Math.max(...y))}.`;
    svg.setAttribute("aria-label", words.textContent);
    choice.value = names.find(name => data.kernels[name].every((v, k) => v === w[k])) ?? "your own";
  };
  image.addEventListener("change", show);
  choice.addEventListener("change", () => {
    (data.kernels[choice.value] ?? []).forEach((v, k) => { inputs[k].value = v; });
    show();
  });
  inputs.forEach(input => input.addEventListener("input", show));
  controls.hidden = false;
  show();
})(document.currentScript.parentElement);
