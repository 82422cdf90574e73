// Long choice lists become searchable: [data-select]; data-select="free" takes new values.

function options(select) {
  const texts = document.getElementById("texts").dataset;
  const line = (className, text) => {
    const box = document.createElement("div");
    box.className = className;
    box.textContent = text;
    return box;
  };
  return {
    plugins: select.multiple ? { remove_button: { title: texts.remove } } : {},
    create: select.dataset.select === "free",
    maxOptions: 300,
    allowEmptyOption: true,
    hidePlaceholder: true,
    // a bar that sticks to the bottom must not hide what was reached by Tab
    onFocus() {
      this.wrapper.scrollIntoView({ block: "nearest" });
    },
    render: {
      no_results: () => line("no-results", texts.noResults),
      option_create: ({ input }) => line("create", `${texts.add} ${input}`),
    },
  };
}

function enhance(root) {
  if (!window.TomSelect) return;
  for (const select of root.querySelectorAll("select[data-select]")) {
    if (select.tomselect) continue;
    const label = select.labels[0]?.textContent.trim();
    if (label) select.setAttribute("aria-label", label);
    new window.TomSelect(select, options(select));
  }
}

enhance(document);
document.addEventListener("htmx:load", ({ target }) => enhance(target));
