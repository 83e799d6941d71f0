//! Temporary.
fn main() {
    for path in std::env::args().skip(1) {
        let f = match lode_frames::ParquetFile::open(std::path::Path::new(&path)) { Ok(f) => f, Err(e) => { println!("{e}"); continue } };
        println!("{path}: {} rows {:?}", f.rows(), f.columns());
        for c in f.columns() {
            let mut n = 0;
            let r = f.read(&[c.clone()], &mut |b| { n += 1; if n == 1 { println!("  {c}: {:?}", b.columns[0].cells.iter().take(3).collect::<Vec<_>>()); } });
            println!("  -> {:?} batches {n}", r.map_err(|e| e.to_string()));
        }
    }
}
