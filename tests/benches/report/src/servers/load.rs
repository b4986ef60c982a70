//! The load: perfdhcp, which stands for a relay agent with many clients.

use std::path::Path;

use super::network::{CLIENT, Network};
use crate::Problem;

/// How many clients there are before the first one comes again; more than a run has exchanges.
const CLIENTS: u64 = 60_000;

/// Lets so many clients begin in a second, for so many seconds; how many exchanges of four packets have been completed.
///
/// # Errors
///
/// If the server has not answered them all: what it does for one exchange could not be said.
pub(crate) fn exchanges(network: &Network, rate: u64, seconds: u64) -> Result<u64, Problem> {
    let mut load = network.at_client(Path::new("perfdhcp"));
    load.args(["-4", "-l", CLIENT, "-r", &rate.to_string(), "-R", &CLIENTS.to_string(), "-p", &seconds.to_string()]);
    // An answer is lost if it has not come after 20 seconds; after its last query perfdhcp waits for two.
    let output = load.args(["-d", "20", "-W", "2000000", "10.76.0.1"]).output()?;
    let report = String::from_utf8_lossy(&output.stdout);
    let (discovers, offers) = counted(&report, "DISCOVER-OFFER")?;
    let (requests, acks) = counted(&report, "REQUEST-ACK")?;
    if acks == 0 || offers != discovers || acks != requests || requests != discovers {
        return Err(format!(
            "the server has not kept up with {rate} exchanges a second: {offers} of {discovers} DISCOVERs and {acks} of \
             {requests} REQUESTs were answered"
        )
        .into());
    }
    Ok(acks)
}

/// How many packets of the exchange were sent and received.
fn counted(report: &str, name: &str) -> Result<(u64, u64), Problem> {
    let section = report.split_once(&format!("***Statistics for: {name}***")).map_or("", |(_, after)| after);
    let figure = |label: &str| {
        section.lines().find_map(|line| line.trim().strip_prefix(label)?.strip_prefix(": ")?.trim().parse().ok())
    };
    match (figure("sent packets"), figure("received packets")) {
        (Some(sent), Some(received)) => Ok((sent, received)),
        _ => Err(format!("perfdhcp has not counted `{name}`:\n{report}").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn figures_are_those_of_the_exchange() {
        let report = "***Statistics for: DISCOVER-OFFER***\nsent packets: 7\nreceived packets: 6\n\n\
                      ***Statistics for: REQUEST-ACK***\nsent packets: 5\nreceived packets: 4\n";
        assert_eq!(counted(report, "DISCOVER-OFFER").expect("it is there"), (7, 6));
        assert_eq!(counted(report, "REQUEST-ACK").expect("it is there"), (5, 4));
        assert!(counted("", "REQUEST-ACK").is_err());
    }
}
