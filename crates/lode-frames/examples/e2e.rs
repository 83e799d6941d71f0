//! Temporary.
fn main() {
    for arg in std::env::args().skip(1) {
        let t = std::time::Instant::now();
        let path = std::path::Path::new(&arg);
        let mut reader = lode_billing::BillReader::new();
        let r: Result<(), String> = (|| {
            if arg.ends_with(".parquet") {
                let f = lode_frames::ParquetFile::open(path).map_err(|e| e.to_string())?;
                let wanted = reader.table(path, f.columns()).map_err(|e| e.to_string())?;
                f.read(&wanted, &mut |b| reader.push(&b)).map_err(|e| e.to_string())
            } else { reader.read_csv(path, &mut |_| {}).map_err(|e| e.to_string()) }
        })();
        if let Err(e) = r { println!("ERR {e}\n"); continue }
        match reader.finish() {
            Ok(b) => {
                let s: lode_model::Money = b.lines.iter().map(|l| l.unblended).sum();
                let mut h = 0u64; for l in &b.lines { for c in format!("{l:?}").bytes() { h = h.wrapping_mul(31).wrapping_add(u64::from(c)); } }
                println!("{arg}: {} lines {s} rows {} elsewhere {} rejected {} covered {:?} hash {h:x} {:?}", b.lines.len(), b.rows_read, b.rows_elsewhere, b.rejected.len(), b.covered, t.elapsed());
            }
            Err(e) => println!("{e}"),
        }
    }
}
