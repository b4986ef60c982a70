//! Benchmarks for people: `cargo bench` in `tests/benches`. What holds is counted by the gate and written by the report.
