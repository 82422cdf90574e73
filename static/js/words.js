// Filters in words: the search box completes the last word and keeps the ones before it.

function complete(input) {
  const list = document.getElementById(input.dataset.words);
  if (!list) return;
  list.dataset.all ??= JSON.stringify([...list.options].map((option) => option.value));
  const before = input.value.slice(0, input.value.length - (/\S*$/.exec(input.value) || [""])[0].length);
  if (list.dataset.before === before) return;
  list.dataset.before = before;
  list.replaceChildren(
    ...JSON.parse(list.dataset.all).map((word) => {
      const option = document.createElement("option");
      option.value = before + word;
      return option;
    }),
  );
}

document.addEventListener("input", ({ target, isComposing }) => {
  if (!isComposing && target.matches?.("[data-words]")) complete(target);
});
