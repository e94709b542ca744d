#include "ingest/ingest.h"
#include "service/service.h"

int main(int argc, char **argv)
{
	struct ingest ingest = {0};
	const struct conf_group conf[] = {
		{ingest_conf_rows, &ingest.settings},
		{kafka_conf_rows, &ingest.kafka},
		{publisher_conf_rows, &ingest.publishing},
		{store_conf_rows, &ingest.database},
		{account_conf_rows, &ingest.accounts_from},
		{NULL, NULL},
	};
	const struct service service = {
		.name = "ingest",
		.about = "records payment commands and hands them to the dispatcher",
		.admin_default = "127.0.0.1:9101",
		.conf = conf,
		.start = ingest_start,
		.work = ingest_work,
		.ready = ingest_ready,
		.stop = ingest_stop,
		.self = &ingest,
	};

	return service_main(&service, argc, argv);
}
