//! The table: who hit how often. Must not know how that was found.

use crate::NAMES;

#[derive(Default)]
pub struct Results(Vec<(String, u64, String, f64)>);

impl Results {
    pub fn add(&mut self, trace: &str, percent: u64, name: &str, ratio: f64) {
        println!(
            "{{\"trace\": \"{trace}\", \"percent\": {percent}, \"cache\": \"{name}\", \"hit_ratio\": {ratio:.5}}}"
        );
        self.0.push((trace.into(), percent, name.into(), ratio));
    }

    fn get(&self, case: &(String, u64), name: &str) -> Option<f64> {
        self.0.iter().find(|(t, p, n, _)| *t == case.0 && *p == case.1 && n == name).map(|r| r.3)
    }

    pub fn print(&self) {
        let mut cases: Vec<(String, u64)> = Vec::new();
        for (t, p, ..) in &self.0 {
            if cases.last() != Some(&(t.clone(), *p)) {
                cases.push((t.clone(), *p));
            }
        }
        let names: Vec<&str> = NAMES.iter().copied().filter(|n| self.0.iter().any(|r| r.2 == *n)).collect();
        eprint!("{:<16}{:>4}", "trace", "%");
        names.iter().for_each(|n| eprint!("{n:>13}"));
        eprintln!("{:>13}{:>9}{:>9}", "best", "-best", "share");
        let (mut worst, mut lost) = (0.0f64, 0);
        for case in &cases {
            eprint!("{:<16}{:>4}", case.0, case.1);
            let of = |n: &str| self.get(case, n).unwrap_or(f64::NAN) * 100.0;
            names.iter().for_each(|n| eprint!("{:>13.1}", of(n)));
            let best = names[..]
                .iter()
                .copied()
                .filter(|n| *n != "ours" && *n != "belady")
                .max_by(|a, b| of(a).total_cmp(&of(b)));
            if let Some(best) = best {
                let diff = of("ours") - of(best);
                worst = worst.min(diff);
                lost += usize::from(diff < -0.5);
                eprint!("{best:>13}{diff:>9.2}{}", if diff < -0.5 { "*" } else { " " });
            }
            eprintln!("{:>8.3}", of("ours") / of("belady"));
        }
        eprint!("{:<20}", "mean share");
        for n in &names {
            let share: f64 = cases
                .iter()
                .map(|c| self.get(c, n).unwrap_or(f64::NAN) / self.get(c, "belady").unwrap_or(f64::NAN))
                .sum();
            eprint!("{:>13.4}", share / cases.len() as f64);
        }
        eprintln!("   worst {worst:.2}, behind by more than 0.5 in {lost} of {}", cases.len());
    }
}
