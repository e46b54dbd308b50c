// Everything works without this file. With it, a page that is still changing updates in place instead of reloading,
// and commands can be copied with one click.
"use strict";

const EVERY_MS = 2500;

async function fetchPage() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

// What is open stays open, and what is being typed is not swept away.
function replace(region, fresh) {
  const open = Array.from(region.querySelectorAll("details"), (part) => part.open);
  region.innerHTML = fresh.innerHTML;
  region.querySelectorAll("details").forEach((part, place) => { part.open = open[place] ?? part.open; });
}

// Screen readers hear a change of the text in a place that stays where it is.
function announce(page) {
  const said = document.querySelector("[data-announce]");
  const news = page.querySelector("[data-news]");
  if (said && news && said.textContent !== news.textContent) said.textContent = news.textContent;
}

function keepFresh(region) {
  let shown = region.innerHTML;
  const look = async () => {
    if (document.hidden || region.querySelector("form:focus-within")) return true;
    const page = await fetchPage();
    const fresh = page?.getElementById(region.id);
    if (!fresh) return true;
    if (!fresh.hasAttribute("data-live")) location.reload();
    if (fresh.innerHTML !== shown) {
      shown = fresh.innerHTML;
      replace(region, fresh);
      announce(page);
    }
    return fresh.hasAttribute("data-live");
  };
  const again = () => look().catch(() => true).then((more) => more && setTimeout(again, EVERY_MS));
  setTimeout(again, EVERY_MS);
}

document.querySelectorAll("[data-live]").forEach(keepFresh);

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
