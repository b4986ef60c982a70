//! Plots as SVG, written by hand: bars and lines over a logarithmic scale.

use std::fmt::Write;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 330.0;
const RIGHT: f64 = 90.0;
const BAR: f64 = 18.0;

/// A bar: what it shows, how much it is, and whether it is ours.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) ours: bool,
}

/// Horizontal bars over a logarithmic scale from the power of ten below the least.
pub(crate) fn bars(title: &str, unit: &str, bars: &[Bar]) -> String {
    let least = bars.iter().map(|bar| bar.value).fold(f64::INFINITY, f64::min).max(1e-3).log10().floor();
    let greatest = bars.iter().map(|bar| bar.value).fold(0.0, f64::max).max(1e-2).log10().ceil().max(least + 1.0);
    let x = |value: f64| LEFT + (WIDTH - LEFT - RIGHT) * ((value.max(1e-3).log10() - least) / (greatest - least));
    let height = 60.0 + bars.len() as f64 * (BAR + 8.0) + 30.0;
    let mut svg = head(title, height);
    for power in least as i32..=greatest as i32 {
        let at = x(10_f64.powi(power));
        let label = if power < 0 {
            format!("{:.*}", power.unsigned_abs() as usize, 10_f64.powi(power))
        } else {
            format!("{:.0}", 10_f64.powi(power))
        };
        let bottom = height - 30.0;
        let _ = writeln!(svg, "<line x1=\"{at:.1}\" y1=\"44\" x2=\"{at:.1}\" y2=\"{bottom:.1}\" stroke=\"#ddd\"/>");
        let _ = writeln!(
            svg,
            "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555\">{label}</text>",
            bottom + 16.0
        );
    }
    for (row, bar) in bars.iter().enumerate() {
        let y = 50.0 + row as f64 * (BAR + 8.0);
        let end = x(bar.value);
        let colour = if bar.ours { "#2b6cb0" } else { "#a0aec0" };
        let middle = y + BAR * 0.72;
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{middle:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            escaped(&bar.name)
        );
        let _ = writeln!(
            svg,
            "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{BAR}\" fill=\"{colour}\"/>",
            (end - LEFT).max(1.0)
        );
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{middle:.1}\">{} {unit}</text>",
            end.max(LEFT) + 6.0,
            crate::figures::number(bar.value)
        );
    }
    svg + "</svg>\n"
}

/// A line through points, both axes logarithmic.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// Lines over logarithmic axes.
pub(crate) fn lines(title: &str, across: &str, up: &str, lines: &[Line]) -> String {
    const COLOURS: [&str; 4] = ["#2b6cb0", "#a0aec0", "#dd6b20", "#38a169"];
    let height = 380.0;
    let all = || lines.iter().flat_map(|line| &line.points);
    let range = |pick: fn(&(f64, f64)) -> f64| {
        let least = all().map(pick).fold(f64::INFINITY, f64::min).max(1e-3).log10().floor();
        let greatest = all().map(pick).fold(0.0, f64::max).max(1e-2).log10().ceil();
        (least, greatest.max(least + 1.0))
    };
    let ((left, right), (bottom, top)) = (range(|point| point.0), range(|point| point.1));
    let x = |value: f64| 80.0 + (WIDTH - 280.0) * ((value.log10() - left) / (right - left));
    let y = |value: f64| height - 50.0 - (height - 110.0) * ((value.log10() - bottom) / (top - bottom));
    let mut svg = head(title, height);
    for power in left as i32..=right as i32 {
        let (at, value) = (x(10_f64.powi(power)), 10_f64.powi(power));
        let _ = writeln!(
            svg,
            "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555\">{value}</text>",
            height - 32.0
        );
    }
    for power in bottom as i32..=top as i32 {
        let (at, value) = (y(10_f64.powi(power)), 10_f64.powi(power));
        let _ = writeln!(
            svg,
            "<line x1=\"80\" y1=\"{at:.1}\" x2=\"{:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>",
            WIDTH - 200.0
        );
        let _ = writeln!(svg, "<text x=\"72\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#555\">{value}</text>", at + 4.0);
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555\">{}</text>",
        (WIDTH - 120.0) / 2.0,
        height - 12.0,
        escaped(across)
    );
    let _ = writeln!(svg, "<text x=\"16\" y=\"48\" fill=\"#555\">{}</text>", escaped(up));
    for (number, line) in lines.iter().enumerate() {
        let colour = COLOURS[number % COLOURS.len()];
        let points: Vec<String> =
            line.points.iter().map(|&(across, up)| format!("{:.1},{:.1}", x(across), y(up))).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            points.join(" ")
        );
        for point in &points {
            if let Some((across, up)) = point.split_once(',') {
                let _ = writeln!(svg, "<circle cx=\"{across}\" cy=\"{up}\" r=\"3\" fill=\"{colour}\"/>");
            }
        }
        let at = 60.0 + number as f64 * 20.0;
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{at:.1}\" fill=\"{colour}\">{}</text>",
            WIDTH - 190.0,
            escaped(&line.name)
        );
    }
    svg + "</svg>\n"
}

fn head(title: &str, height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n<text x=\"16\" y=\"26\" font-size=\"16\">{}</text>\n",
        escaped(title)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
