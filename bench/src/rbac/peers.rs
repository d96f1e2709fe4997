//! The peers, each with the same policy in the form that suits it best.

mod casbin;
mod cedar;
mod regorus;

use super::Contender;
use super::workload::Workload;
use std::error::Error;

pub(crate) fn contenders(
    workload: &Workload,
) -> Result<Vec<Box<dyn Contender + '_>>, Box<dyn Error>> {
    Ok(vec![
        Box::new(cedar::Cedar::new(workload)?),
        Box::new(casbin::Cached::new(workload)?),
        Box::new(casbin::Uncached::new(workload)?),
        Box::new(regorus::Regorus::new(workload)?),
    ])
}
