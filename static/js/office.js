// The office: copy a key, print a card.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies], [data-prints]");
  if (!button) return;
  if (button.hasAttribute("data-prints")) return window.print();
  const field = document.getElementById(button.dataset.copies);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.querySelector("span").textContent = button.dataset.copied;
  } catch {
    // Without the right to write, what is selected can be copied by hand.
  }
});
