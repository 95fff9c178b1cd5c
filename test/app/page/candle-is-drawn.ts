/** Runs in the page: whether the chart has pixels as green or as red as candles are. */
export function candleIsDrawn(): boolean {
  return [...document.querySelectorAll<HTMLCanvasElement>("#chart canvas")]
    .filter(({ width, height }) => width > 100 && height > 100)
    .some((canvas) => {
      const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      return data.some((red, index) => index % 4 === 0 && Math.abs(red - (data[index + 1] ?? 0)) > 80);
    });
}
