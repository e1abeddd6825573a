// Package viz makes the pictures of a notebook: plots, image grids, heat maps,
// tables, live curves and progress bars, each one value that shows itself.
//
// A figure is made by a constructor and shaped by setters that return it, so
// that a cell ends in one expression:
//
//	viz.NewPlot("loss").Line("train", steps, train).Points("val", epochs, val).XLabel("step").LogY()
//	viz.Line(nil, losses).Title("loss")
//	viz.ScatterBy(xs, ys, labels)
//	viz.Images(pixels, 20, 28, 28).Labels(names)
//	viz.HeatMap(counts, 10, 10).Names(digits).XLabel("predicted").YLabel("true")
//	viz.Row(left, right)
//
// Every figure has MIME() map[string]any (the method by which the kernel shows
// a value), String() with a description in text, and PNG() or SVG() for files.
// What cannot be drawn (lengths that differ, no finite number) panics with
// *Error, which says what was given and how to mend it.
//
// Output of a running cell goes to the Screen: Show, HTML, Markdown, Clear,
// and the live NewCurve and NewProgress, which send at most ten updates a
// second and always their last state.
//
// # Decisions
//
// 2026-11-23. gonum/plot (BSD-3, kept by the Gonum authors) lays out axes and
// measures text, and rasterises through its vgimg. It saves us font metrics,
// axis layout and a rasteriser, brings the Liberation fonts and gg with it
// (4 MB in the binary, 0.5 ms at start), and could be left by drawing axes
// ourselves on the small canvas of svg.go. Its own SVG canvas is not used: it
// writes a style on every element, asks for a font that few machines have
// without naming another, and a scatter of 2,000 points is 600 kB where ours is
// 60 kB.
//
// 2026-11-23. Plots and heat maps are SVG, raster parts (surfaces, big heat
// maps) embedded as PNG inside it: text stays sharp on every screen, and the
// size on the page is right, which a notebook's PNG without metadata is not on
// dense screens. Image grids are PNG with whole-number scaling: there the
// pixels are the picture. A plot with more than 6,000 visible dots is one raster
// picture inside its SVG.
//
// 2026-11-23. Every card is white with dark text, in light and dark themes:
// an SVG in a notebook is shown as an image and cannot see the page's colours.
//
// 2026-11-23. The colours of series are the ten of M. Petroff, "Accessible Color
// Sequences for Data Visualization", arXiv:2107.02270: chosen for all common
// kinds of colour blindness, and enough for ten digits.
//
// 2026-11-23. Equal input gives equal bytes: no ids, no dates, coordinates
// rounded to a hundredth of a pixel. The text of a progress bar has no clock
// in it (rate and time left are in the HTML only), so that two runs of a
// notebook can be compared by their text.
package viz
