foreach(module err text arena time hex base64 uuid digest)
	unit_test(base/${module})
endforeach()
