foreach(module err text arena time hex base64 uuid digest log metric conf)
	unit_test(base/${module})
endforeach()
