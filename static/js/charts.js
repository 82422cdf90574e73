// Charts are drawn from a table on the page, so that picture and table are one source ([data-chart]).

const PALETTE = ["#0b6466", "#c98a1b", "#3b6fb5", "#8a4f97", "#7d8f94", "#c2553c"];
const INK = "#35505a";
const RULE = "#d5dddb";

let library = null;

function load() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.querySelector('meta[name="vendor-echarts"]').content;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
  return library;
}

function number(cell) {
  const text = cell.dataset.value ?? cell.textContent.replace(/[,%\s]/g, "");
  return text === "" || Number.isNaN(Number(text)) ? null : Number(text);
}

function read(table) {
  const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  const body = [...table.tBodies[0].rows];
  const series = heads.flatMap((head, index) =>
    head.dataset.series
      ? [
          {
            name: head.textContent.trim(),
            type: head.dataset.series,
            unit: head.dataset.unit || "",
            data: body.map((row) => number(row.cells[index])),
          },
        ]
      : [],
  );
  return {
    series,
    categories: body.map((row) => row.cells[0].textContent.trim()),
    links: body.map((row) => row.cells[0].querySelector("a")?.href),
  };
}

function axes(table, kind, units) {
  const category = {
    type: "category",
    data: table.categories,
    inverse: kind === "bar-h",
    axisTick: { show: false },
    axisLine: { lineStyle: { color: INK } },
    axisLabel: { color: INK, width: kind === "bar-h" ? 150 : 90, overflow: "truncate", hideOverlap: true },
  };
  const values = units.map((unit, index) => ({
    type: "value",
    name: unit,
    max: unit === "%" ? 100 : undefined,
    position: index ? "right" : undefined,
    nameTextStyle: { color: INK },
    axisLabel: { color: INK, hideOverlap: true },
    splitLine: { show: index === 0, lineStyle: { color: RULE } },
  }));
  return kind === "bar-h" ? { xAxis: values, yAxis: category } : { xAxis: category, yAxis: values };
}

function option(table, kind) {
  const units = [...new Set(table.series.map((each) => each.unit))];
  const axisIndex = kind === "bar-h" ? "xAxisIndex" : "yAxisIndex";
  return {
    color: PALETTE,
    animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: INK },
    aria: { enabled: true, decal: { show: kind === "stack" && table.series.length > 1 } },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "shadow" } },
    legend: { show: table.series.length > 1, top: 0, textStyle: { color: INK } },
    grid: { left: 8, right: 16, top: table.series.length > 1 ? 40 : 28, bottom: 4, containLabel: true },
    ...axes(table, kind, units),
    series: table.series.map((each) => ({
      name: each.name,
      type: each.type === "line" || kind === "line" ? "line" : "bar",
      data: each.data,
      [axisIndex]: units.indexOf(each.unit),
      stack: kind === "stack" && each.type !== "line" ? "all" : undefined,
      barMaxWidth: 26,
      symbolSize: 7,
      lineStyle: { width: 2 },
      tooltip: { valueFormatter: (value) => (value === null ? "—" : `${value.toLocaleString("en-US")}${each.unit}`) },
    })),
  };
}

async function draw(canvas) {
  const source = document.getElementById(canvas.dataset.chartTable);
  if (!source?.tHead || canvas.dataset.drawn) return;
  canvas.dataset.drawn = "yes";
  const table = read(source);
  if (!table.series.length || !table.categories.length) return;
  if (canvas.dataset.chart === "bar-h" && table.categories.length > 12) canvas.classList.add("is-tall");
  const echarts = await load();
  canvas.append(document.createElement("div"));
  const place = canvas.firstElementChild;
  place.className = "chart-place";
  const chart = echarts.init(place);
  chart.setOption(option(table, canvas.dataset.chart));
  chart.on("click", ({ dataIndex }) => {
    if (table.links[dataIndex]) window.location.assign(table.links[dataIndex]);
  });
  new ResizeObserver(() => chart.resize()).observe(place);
}

function enhance(root) {
  for (const canvas of root.querySelectorAll("[data-chart]")) draw(canvas);
}

enhance(document);
document.addEventListener("htmx:load", ({ target }) => enhance(target));
