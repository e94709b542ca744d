#ifndef DARAJASIM_CONTROL_H
#define DARAJASIM_CONTROL_H

#include "darajasim/sim.h"

/* /sim/...: what tests and people ask of the simulator itself. Daraja has none of it. */
void control_serve(struct sim *sim, struct http_exchange *exchange, struct text path);

#endif
