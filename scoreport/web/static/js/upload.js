// Shows how much of the chosen files has been sent. Without JavaScript the browser shows its own sign of it.
document.addEventListener("htmx:xhr:progress", (event) => {
  const box = event.target.querySelector?.(".upload-progress");
  if (!box || !event.detail.lengthComputable) return;
  const percent = Math.floor((100 * event.detail.loaded) / event.detail.total);
  box.hidden = false;
  box.querySelector("progress").value = percent;
  box.querySelector("span").textContent = box.dataset.sending.replace("{percent}", `${percent}%`);
});
