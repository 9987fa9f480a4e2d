for (const button of document.querySelectorAll(".configs button")) {
  const line = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(line);
    button.textContent = "copied";
    setTimeout(() => { button.textContent = line; }, 1200);
  });
}
