//! debug
fn main() {
    let text = std::env::args().nth(1).unwrap();
    let text = text.as_str();
    mofa_scan::layers::visit(text, 0, &mut |r| println!("{} {:?}", r.is_guess(), r.text()));
    let s = mofa_scan::pii::PiiScanner::builder().with_layers(true).build().unwrap();
    let mut o = Vec::new();
    s.scan(text, &mut o);
    for f in o {
        println!("{} {:?}", s.rule(f.rule).id, &text[f.start..f.end]);
    }
}
