//! The picture: by the wrong share of a plan, how often its run goes beyond its canary, and how often it is done.

use crate::tally::Tally;

const LEFT: f64 = 60.0;
const TOP: f64 = 20.0;
const WIDE: f64 = 560.0;
const HIGH: f64 = 260.0;

type Share<'a> = &'a dyn Fn(&Tally) -> f64;

/// Curves over the wrong share, in percent, from 0 to 100.
pub(crate) fn plot(points: &[(u64, Tally)]) -> String {
    let x = |percent: f64| LEFT + WIDE * percent / 100.0;
    let y = |share: f64| TOP + HIGH * (1.0 - share);
    let line = |of: Share<'_>| {
        let dots: Vec<String> =
            points.iter().map(|(p, t)| format!("{:.1},{:.1}", x(*p as f64), y(of(t)))).collect();
        dots.join(" ")
    };
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 660 350\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>How far a run goes, by the wrong share of its plan</title>\n\
         <rect width=\"660\" height=\"350\" fill=\"#fff\"/>\n",
    );
    for step in 0..=5 {
        let share = f64::from(step) / 5.0;
        let (at_x, at_y) = (x(share * 100.0), y(share));
        let (right, bottom) = (LEFT + WIDE, TOP + HIGH);
        svg.push_str(&format!(
            "<path d=\"M{LEFT} {at_y:.1}H{right}M{at_x:.1} {TOP}V{bottom}\" stroke=\"#ddd\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.0} %</text>\n\
             <text x=\"{at_x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.0} %</text>\n",
            LEFT - 8.0,
            at_y + 4.0,
            share * 100.0,
            bottom + 18.0,
            share * 100.0
        ));
    }
    let curves: [(&str, &str, Share<'_>); 3] = [
        ("#1a7f4b", "goes beyond its canary", &|t| t.passed_canary),
        ("#1f5fa8", "is done", &|t| t.done),
        ("#b3261e", "is halted by an alarm", &|t| t.halted),
    ];
    for (n, (colour, name, of)) in curves.into_iter().enumerate() {
        svg.push_str(&format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n\
             <text x=\"{}\" y=\"340\" fill=\"{colour}\">— {name}</text>\n",
            line(of),
            LEFT + 20.0 + 180.0 * n as f64
        ));
    }
    svg.push_str(&format!(
        "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">wrong share of the plan</text>\n</svg>\n",
        LEFT + WIDE / 2.0,
        TOP + HIGH + 36.0
    ));
    svg
}
