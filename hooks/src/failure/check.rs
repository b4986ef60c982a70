//! Whether a policy can be kept, before a library with it is loaded.

use super::policy::FailurePolicy;
use crate::registry::Registry;
use crate::status::{NextStep, Statuses};

/// An error in words if `policy` names a hook point that is not there, asks for what it does not honour, or cannot be counted.
/// `brought` are hook points that come with libraries.
pub(crate) fn check(policy: &FailurePolicy, registry: &Registry, brought: &Registry) -> Result<(), String> {
    for disable in policy.disables() {
        disable.check().map_err(|text| format!("its failure policy, `disable`: {text}"))?;
    }
    for (hook, exception) in policy.hook_points() {
        let Some(point) = registry.shape_for_callout(hook).or_else(|| brought.shape_for_callout(hook)) else {
            let unknown = registry.unknown(hook);
            return Err(format!("its failure policy has an exception at the hook point `{hook}`: {unknown}"));
        };
        let honoured = Statuses::from_bits(point.statuses);
        if exception.asks_for_drop() && !honoured.contains(NextStep::Drop) {
            return Err(format!(
                "its failure policy asks for `drop` at the hook point `{hook}`, which honours only {honoured}; leave it out \
                 for the hook point's own answer to failures, or choose `continue` or `skip-library`"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Disable, FailureAction, HookPointFailurePolicy};
    use crate::registry;

    fn refused(policy: FailurePolicy) -> String {
        check(&policy, &registry::lock(), &Registry::default()).unwrap_err()
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        let exception = |action| HookPointFailurePolicy::new().action(action);
        let unknown = refused(FailurePolicy::default().at("nowhere", exception(FailureAction::Continue)));
        assert!(
            unknown.contains("`nowhere`: no hook point has the name `nowhere`; there are: context_create"),
            "{unknown}"
        );
        let drop = refused(FailurePolicy::default().at("context_create", exception(FailureAction::Drop)));
        assert!(drop.contains("`drop` at the hook point `context_create`, which honours only CONTINUE;"), "{drop}");
        let never = Disable::callout(0, std::time::Duration::from_secs(1));
        assert!(refused(FailurePolicy::default().disable(never)).contains("`after` is 0"));
        let never = FailurePolicy::default().at("context_create", HookPointFailurePolicy::new().disable(never));
        assert!(refused(never).contains("`after` is 0"));
    }

    #[test]
    fn what_can_be_kept_is_not() {
        let exception = HookPointFailurePolicy::new().action(FailureAction::SkipLibrary);
        // DROP for the whole library means DROP wherever that is honoured.
        let policy = FailurePolicy::new(FailureAction::Drop).at("context_create", exception.clone());
        let policy = policy.at("$any-command", exception.clone());
        assert_eq!(check(&policy, &registry::lock(), &Registry::default()), Ok(()));
        let brought = registry::lock()
            .info(0)
            .map(|point| crate::abi::info::PointInfo { name: "brought".to_owned(), ..(**point).clone() });
        let policy = policy.at("brought", exception);
        assert!(check(&policy, &registry::lock(), &Registry::default()).is_err());
        assert_eq!(check(&policy, &registry::lock(), &Registry::of(brought.into_iter().collect())), Ok(()));
    }
}
