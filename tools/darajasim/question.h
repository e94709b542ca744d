#ifndef DARAJASIM_QUESTION_H
#define DARAJASIM_QUESTION_H

#include "darajasim/call.h"

/* A question whose answer comes as a callback: accepts it, answers the call, arranges the callback. */
void question_ask(struct call *call);

#endif
