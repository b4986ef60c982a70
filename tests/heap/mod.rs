pub(crate) fn exchange() {}
