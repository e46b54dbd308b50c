// Everything works without this file. With it, a page that is still changing updates in place instead of reloading,
// and commands can be copied with one click.
"use strict";

const EVERY_MS = 2500;

async function refresh(region) {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(region.id);
  if (!fresh) return;
  if (!fresh.hasAttribute("data-live")) {
    location.reload();
    return;
  }
  if (fresh.innerHTML !== region.innerHTML && !region.contains(document.activeElement)) region.innerHTML = fresh.innerHTML;
}

for (const region of document.querySelectorAll("[data-live]")) {
  const again = () => refresh(region).catch(() => undefined).finally(() => setTimeout(again, EVERY_MS));
  setTimeout(again, EVERY_MS);
}

for (const box of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-quiet command-copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(box.querySelector("code").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  box.append(button);
}
