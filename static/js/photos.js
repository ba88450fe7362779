// Photos of a service: several shots add up, each can be taken away again; originals are sent (evidence keeps its EXIF).
const kept = new WeakMap();

function draw(field) {
  const input = field.querySelector("input[type=file]");
  const grid = field.querySelector(".photo-grid");
  grid.querySelectorAll("figure").forEach((figure) => {
    URL.revokeObjectURL(figure.querySelector("img").src);
    figure.remove();
  });
  const files = kept.get(field) ?? [];
  const bag = new DataTransfer();
  files.forEach((file, index) => {
    bag.items.add(file);
    const figure = document.createElement("figure");
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = `${index + 1}`;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "✕";
    remove.setAttribute("aria-label", field.dataset.remove);
    remove.addEventListener("click", () => {
      files.splice(index, 1);
      draw(field);
    });
    figure.append(image, remove);
    grid.insertBefore(figure, grid.querySelector(".photo-add"));
  });
  input.files = bag.files;
  const count = field.querySelector("[data-photo-count]");
  if (count) count.textContent = files.length || "";
}

document.addEventListener("change", (event) => {
  const field = event.target.closest?.("[data-photos]");
  if (!field || event.target.type !== "file") return;
  const files = kept.get(field) ?? [];
  const known = new Set(files.map((file) => `${file.name}/${file.size}/${file.lastModified}`));
  for (const file of event.target.files) if (!known.has(`${file.name}/${file.size}/${file.lastModified}`)) files.push(file);
  kept.set(field, files);
  draw(field);
});
