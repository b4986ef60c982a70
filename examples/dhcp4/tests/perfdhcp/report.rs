//! The report that `perfdhcp` prints at its end.

/// The figures of one kind of exchange.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) drops: u64,
    pub(crate) orphans: u64,
    pub(crate) rejected: u64,
}

impl Exchange {
    /// The figures of the exchange with this name.
    pub(crate) fn of(report: &str, name: &str) -> Self {
        let heading = format!("***Statistics for: {name}***");
        let (_, after) = report.split_once(&heading).unwrap_or_else(|| panic!("no `{heading}` in: {report}"));
        let section = after.split_once("***").map_or(after, |(section, _)| section);
        let figure = |label: &str| {
            let value = section.lines().find_map(|line| line.trim().strip_prefix(label)?.trim().strip_prefix(':'));
            let parsed = value.and_then(|value| value.trim().parse().ok());
            parsed.unwrap_or_else(|| panic!("no figure `{label}` for {name} in: {report}"))
        };
        Self {
            sent: figure("sent packets"),
            received: figure("received packets"),
            drops: figure("drops"),
            orphans: figure("orphans"),
            rejected: figure("rejected leases"),
        }
    }
}

/// How long answers took, in milliseconds as the report has them.
#[derive(Debug)]
pub(crate) struct Delay {
    pub(crate) mean: String,
    pub(crate) longest: String,
}

impl Delay {
    /// That of the exchange with this name.
    pub(crate) fn of(report: &str, name: &str) -> Self {
        let section = report.split_once(&format!("***Statistics for: {name}***")).map_or("", |(_, after)| after);
        let figure = |label: &str| {
            let value = section.lines().find_map(|line| line.trim().strip_prefix(label)?.trim().strip_prefix(':'));
            value.unwrap_or("?").trim().trim_end_matches("ms").trim().to_owned()
        };
        Self { mean: figure("avg delay"), longest: figure("max delay") }
    }
}
