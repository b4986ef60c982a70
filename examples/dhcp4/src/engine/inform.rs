//! INFORM: a client that has an address asks for options.

use dhcp4_api::MessageType;

use super::{
    Engine, Request,
    answer::{Answer, Promise},
    response,
};

impl Engine {
    pub(super) fn inform(&mut self, request: Request<'_>) -> Option<Box<Answer>> {
        let Some(subnet) = &request.subnet else {
            self.dropped(&request.query, "no subnet was selected for the client");
            return None;
        };
        let mut ack = response::begin(&request, MessageType::Ack);
        ack.ciaddr = request.query.ciaddr;
        response::add_options(&mut ack, &request.query, subnet);
        Some(Answer::new(request, ack, Promise::Nothing))
    }
}
